import { LigoError } from "@ligo/core";

/** A comparison cannot be run as it is asked for. Codes start with `compare/`. */
export class CompareError extends LigoError {}
