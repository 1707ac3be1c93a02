export { downloadDataset } from "./download-dataset.js";
export { type Downloaded, downloadModel, downloadModelPart } from "./download-model.js";
export { type DownloadEvent, type DownloadReporter, type HubOptions } from "./hub-context.js";
export { HubError } from "./hub-error.js";
export {
  type HubDataset,
  type HubRepository,
  describeRepository,
  isDatasetUrl,
  parseDatasetUrl,
  parseModelId,
} from "./hub-id.js";
export { type Environment } from "./hub-settings.js";
export { type ModelPart } from "./model-files.js";
export { openHubHeaders } from "./open-hub-headers.js";
