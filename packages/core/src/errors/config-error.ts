import { LigoError } from "./ligo-error.js";

/** A config.json or a growth target is not acceptable. Codes start with `config/`. */
export class ConfigError extends LigoError {}
