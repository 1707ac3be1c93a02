import { LigoError } from "@ligo/core";

/** A training cannot be set up as asked. Codes start with `training/`. */
export class TrainingError extends LigoError {}
