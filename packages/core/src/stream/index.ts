export { createBoundedCache, type BoundedCache } from "./bounded-cache.js";
export {
  applyOperator,
  createGrower,
  type ApplyOptions,
  type Grower,
  type GrownTensor,
} from "./grower.js";
export { freshTensors } from "./fresh-tensors.js";
export { memorySource, type ReadSource } from "./read-source.js";
export type { RowRange } from "./row-ranges.js";
export { createScratch, type Scratch } from "./scratch.js";
export { withGrownRows } from "./rows/row-source.js";
export {
  rowChanges,
  withRowsOf,
  type RowChange,
  type RowGrowth,
  type RowStart,
} from "../plan/row-growth.js";
