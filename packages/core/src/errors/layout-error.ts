import { LigoError } from "./ligo-error.js";

/** The tensors of a checkpoint do not fit the layout of its architecture. Codes start with `layout/`. */
export class LayoutError extends LigoError {}
