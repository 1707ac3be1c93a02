/** What `ligo grow` does unless told otherwise. */
export const GROW_DEFAULTS = {
  method: "ligo",
  steps: 100,
  batch: 32,
  accumulate: 1,
  checkpointActivations: false,
  sequence: 128,
  /** Of depth matrices; width maps learn at this rate / old size (`rates`). */
  learningRate: 3e-2,
  rates: "relative",
  warmup: 10,
  /** Without: the hundred steps of an operator are too few to overfit, and each would cost more. */
  dropout: 0,
  seed: 0,
  form: "target-layer",
  initialDepth: "stackbert_noisy",
  initialWidth: "rand",
  /** Terms of `mango`. */
  rank: 1,
  ties: "keep",
  engine: "auto",
  heldOut: 0.05,
  /** Held-out batches that the losses before and after are taken over. */
  evaluationBatches: 8,
} as const;
