export { createBoundedCache, type BoundedCache } from "./bounded-cache.js";
export { applyOperator, createGrower, type GrownTensor } from "./grower.js";
export type { ApplyOptions, Grower } from "./tensor-grower.js";
export { createMomentGrower, grownOrigins } from "./moment-grower.js";
export { memorySource, type ReadSource } from "./read-source.js";
export type { RowRange } from "./row-ranges.js";
export { createScratch, type Scratch } from "./scratch.js";
export { withGrownRows, withZeroRows } from "./rows/row-source.js";
export {
  rowChanges,
  withRowsOf,
  type RowChange,
  type RowGrowth,
  type RowStart,
} from "../plan/row-growth.js";
