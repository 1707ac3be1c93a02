// Names of repositories
export {
  describeRepository,
  isDatasetUrl,
  parseDatasetUrl,
  parseModelId,
  type HubDataset,
  type HubRepository,
} from "./hub-id.js";

// Downloads
export { downloadDataset } from "./download-dataset.js";
export { downloadModel, downloadModelPart, type Downloaded } from "./download-model.js";
export type { ModelPart } from "./model-files.js";
export { openHubHeaders } from "./open-hub-headers.js";

// Settings and errors
export type { DownloadEvent, DownloadReporter, HubOptions } from "./hub-context.js";
export { HubError } from "./hub-error.js";
export { readHubSettings, type Environment } from "./hub-settings.js";

// Uploads
export { pushModel, type Pushed, type PushOptions } from "./push-model.js";
