import { LigoError } from "@ligo/core";

/** A command was asked for something it cannot do. Codes start with `cli/`. */
export class UsageError extends LigoError {}
