import { LigoError } from "@ligo/core";

/** Something could not be written where it was asked for. Codes start with `output/`. */
export class OutputError extends LigoError {}
