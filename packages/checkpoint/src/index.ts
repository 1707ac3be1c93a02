export { writeFailure, writeFileAtomically } from "./atomic-file.js";
export { COMPANION_FILES, TOKENIZER_FILES } from "./checkpoint-files.js";
export { copyIntoFolder } from "./copy-into-folder.js";
export type { Dtype, FloatDtype, OutputDtype, ReadableDtype } from "./dtype.js";
export { CheckpointError } from "./errors/checkpoint-error.js";
export { HubError } from "./errors/hub-error.js";
export { OutputError } from "./errors/output-error.js";
export {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from "./half.js";
export { hashFile } from "./hash-file.js";
export { downloadDataset } from "./hub/download-dataset.js";
export { downloadModel, downloadModelPart, type Downloaded } from "./hub/download-model.js";
export type { DownloadEvent, DownloadReporter, HubOptions } from "./hub/hub-context.js";
export {
  describeRepository,
  isDatasetUrl,
  parseDatasetUrl,
  parseModelId,
  type HubDataset,
  type HubRepository,
} from "./hub/hub-id.js";
export type { Environment } from "./hub/hub-settings.js";
export type { ModelPart } from "./hub/model-files.js";
export { openHubHeaders } from "./hub/open-hub-headers.js";
export { openCheckpoint, type Checkpoint, type StoredTensor } from "./open-checkpoint.js";
export { openSafetensors, type SafetensorsFile, type TensorArray } from "./open-safetensors.js";
export { readConfig } from "./read-config.js";
export type { TensorHeader } from "./safetensors-header.js";
export type { TensorSource } from "./tensor-plan.js";
export {
  writeCheckpoint,
  type CheckpointContents,
  type ExtraFile,
  type WrittenCheckpoint,
} from "./write-checkpoint.js";
export { syncFolder } from "./sync.js";
export { createOutputFolder, writeOutputFolder, type OutputFolder } from "./write-output-folder.js";
export { writeSafetensors, type WriteSafetensorsOptions } from "./write-safetensors.js";
