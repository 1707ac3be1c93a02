import { LigoError } from "./ligo-error.js";

/** An operator does not fit its plan, or its file is malformed. Codes start with `operator/`. */
export class OperatorError extends LigoError {}
