export {
  ADAMW_DEFAULTS,
  adamW,
  type AdamWOptions,
  type Slot,
  type UpdatedSlot,
  type UpdatedSlots,
} from "./adamw.js";
export type { DropoutOptions } from "./dropout.js";
export {
  learnOperator,
  operatorLoss,
  type OperatorLearner,
  type OperatorLearningOptions,
  type OperatorRates,
} from "./learn-operator.js";
export type { LookAheadOptions } from "./look-ahead.js";
export { lamb } from "./lamb.js";
export { muon, type MatrixSlot, type MuonOptions, type MuonUpdated } from "./muon.js";
export { lossGradients, type LossGradients, type LossGradientsOptions } from "./loss-gradients.js";
export type { LossScaleOptions, ScaledOptions } from "./loss-scale.js";
export { OPTIMIZER_NAMES, type OptimizerName, type OptimizerOptions } from "./optimizer.js";
export {
  createSchedule,
  DECAY_SHAPES,
  type DecayShape,
  linearSchedule,
  SCHEDULE_NAMES,
  type Schedule,
  type ScheduleName,
  type ScheduleOptions,
} from "./schedule.js";
export { learnableSpecs, type EntriesByName, type TrainedParts } from "./split-specs.js";
export type { StepBatch, Stepper, StepperMoments, StepperStart, StepResult } from "./stepper.js";
export {
  createEvaluator,
  createTrainer,
  initialWeights,
  type Evaluation,
  type Evaluator,
  type JudgedBatch,
  type PredictionObserver,
  type Trainer,
  type TrainerOptions,
  type Weights,
} from "./train-model.js";
export { singularVectors } from "./singular-vectors.js";
export type { SkippingOptions } from "./skipping.js";
export type { Teacher } from "./teacher.js";
export { TrainingError } from "./training-error.js";
export {
  gradientProgram,
  trainingProgram,
  trainingState,
  type LearnableSpec,
  type TrainingProgramOptions,
} from "./training-program.js";
