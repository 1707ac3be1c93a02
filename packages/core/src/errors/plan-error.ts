import { LigoError } from "./ligo-error.js";

/** A source cannot be grown to a target. Codes start with `plan/`. */
export class PlanError extends LigoError {}
