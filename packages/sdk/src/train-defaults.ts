/** What `ligo train` does unless told otherwise. */
export const TRAIN_DEFAULTS = {
  steps: 1000,
  stepsBefore: 0,
  batch: 32,
  accumulate: 1,
  checkpointActivations: false,
  sequence: 128,
  learningRate: 1e-4,
  /** Share of the schedule's steps over which the learning rate rises. */
  warmupFraction: 0.1,
  /** Share of the schedule's steps over which a teacher of text leaves the loss: 55 of 125 thousand, Qin et al., 2022. */
  teacherFraction: 0.44,
  weightDecay: 0.1,
  clipNorm: 1,
  dropout: "config",
  seed: 0,
  heldOut: 0.05,
  engine: "auto",
  /** Held-out batches of an evaluation on the way. */
  evaluationBatches: 16,
} as const;
