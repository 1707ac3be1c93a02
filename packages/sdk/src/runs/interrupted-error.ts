import { LigoError } from "@ligo/core";

/** A run was stopped by a signal and can be resumed. Its code is `run/interrupted`. */
export class InterruptedError extends LigoError {}
