/** Data cut into batches for an objective: for tools that are built on the library. */
export { microBatchSize, microBatches } from "./micro-batches.js";
export { openTask } from "./open-task.js";
export { openTrainingTask } from "./open-training-task.js";
export type { Feeds, JudgedBatches, Task, TaskTeacher } from "./task.js";
export type { TaskOptions } from "./task-options.js";
