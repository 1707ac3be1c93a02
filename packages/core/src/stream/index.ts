export { createBoundedCache, type BoundedCache } from "./bounded-cache.js";
export {
  applyOperator,
  createGrower,
  type ApplyOptions,
  type Grower,
  type GrownTensor,
} from "./grower.js";
export { memorySource, type ReadSource } from "./read-source.js";
export type { RowRange } from "./row-ranges.js";
export { createScratch, type Scratch } from "./scratch.js";
