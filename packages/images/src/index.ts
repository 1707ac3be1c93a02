export {
  deitAugmentation,
  plainAugmentation,
  type Augmentation,
  type Crop,
} from "./augmentation.js";
export {
  evaluationImageBatches,
  imageBatches,
  type EvaluationImageBatch,
  type EvaluationImageBatches,
  type EvaluationImageBatchOptions,
  type EvaluationImageOptions,
  type ImageBatch,
  type ImageBatches,
  type ImageBatchOptions,
} from "./image-batches.js";
export { ImageError } from "./image-error.js";
export {
  createProcessor,
  type ImageProcessor,
  type ImageSize,
  type ProcessorOptions,
} from "./image-processor.js";
export { splitImages, type ImageSet, type SplitImages, type SplitOptions } from "./image-set.js";
export type { Pixels } from "./pixels.js";
export { loadProcessor, parseProcessor, processorConfig } from "./processor-config.js";
export { readImages, type ReadImages, type ReadImagesOptions } from "./read-images.js";
export type { Resampling } from "./resample.js";
export type { ParquetColumns } from "./sources/parquet.js";
export type { LeftOutFile } from "./sources/source.js";
export type { StochasticDepth } from "./stochastic-depth.js";
