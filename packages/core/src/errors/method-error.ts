import { LigoError } from "./ligo-error.js";

/** A growing method, or one of its options, cannot be used. Codes start with `method/`. */
export class MethodError extends LigoError {}
