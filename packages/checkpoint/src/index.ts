// Reading
export { CheckpointError } from "./errors/checkpoint-error.js";
export {
  joinFiles,
  openCheckpoint,
  type Checkpoint,
  type StoredTensor,
} from "./open-checkpoint.js";
export { lazyFile, lazyTensors, type LazyFile, type LazyTensor } from "./lazy-tensors.js";
export { openHeader, type FileStart } from "./open-header.js";
export { openSafetensors, type SafetensorsFile, type TensorArray } from "./open-safetensors.js";
export { openShards } from "./open-shards.js";
export { checkFloatWeights, checkNotQuantised } from "./quantised.js";
export { readConfig } from "./read-config.js";
export { readJsonFile, type JsonFile, type ReadJsonOptions } from "./json/json-file.js";
export { decodeText, layOver, parseJson, type ParseJsonOptions } from "@ligo/core/json";
export type { TensorHeader } from "./safetensors-header.js";
export { readShardIndex, type WeightMap } from "./shard-index.js";

// Numbers
export type { Dtype, FloatDtype, OutputDtype, ReadableDtype } from "./dtype.js";
export {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
  roundedTo,
} from "./half.js";

// Names of files, and weights that are never loaded
export { companionPaths, INDEX_NAME, TOKENIZER_FILES, WEIGHTS_NAME } from "./checkpoint-files.js";
export { foreignFormat, type ForeignFormat } from "./foreign-format.js";
export { conversionCommand, isPickledShard, isPicklePath } from "./pickle.js";

// Writing a checkpoint
export { OutputError } from "./errors/output-error.js";
export type { TensorSource } from "./tensor-plan.js";
export {
  configOfDtype,
  writeCheckpoint,
  type CheckpointContents,
  type ExtraFile,
  type WrittenCheckpoint,
} from "./write-checkpoint.js";
export { renderJson, renderPythonJson } from "./json/render-json.js";
export { writeSafetensors, type WriteSafetensorsOptions } from "./write-safetensors.js";

// Files and folders that are whole or not there
export { writeFailure, writeFileAtomically, writeFully } from "./atomic-file.js";
export { copyIntoFolder } from "./copy-into-folder.js";
export { hashFile } from "./hash-file.js";
export { removeAside, removeLeftovers, temporaryBeside } from "./leftovers.js";
export { isProcessGone, processIdentity } from "./process-identity.js";
export { systemCode } from "./regular-file.js";
export { syncFolder } from "./sync.js";
export {
  createOutputFolder,
  prepareFolder,
  writeOutputFolder,
  type OutputFolder,
} from "./write-output-folder.js";
