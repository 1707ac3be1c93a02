import { LigoError } from "@ligo/core";

/** A run folder is not what it should be, or in use. Codes start with `run/`. */
export class RunError extends LigoError {}
