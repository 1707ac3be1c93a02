import { LigoError } from "@ligo/core";

/** A step cannot be compiled or run. Codes start with `engine/`. */
export class EngineError extends LigoError {}
