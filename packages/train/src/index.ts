export { ADAMW_DEFAULTS, adamW, type AdamWOptions, type Slot, type UpdatedSlot } from "./adamw.js";
export type { DropoutOptions } from "./dropout.js";
export {
  learnOperator,
  operatorLoss,
  type OperatorLearner,
  type OperatorLearningOptions,
  type OperatorRates,
} from "./learn-operator.js";
export { linearSchedule, type LinearScheduleOptions, type Schedule } from "./schedule.js";
export type { Stepper, StepperStart, StepResult } from "./stepper.js";
export {
  createEvaluator,
  createTrainer,
  initialWeights,
  learnableSpecs,
  type Evaluation,
  type Evaluator,
  type Trainer,
  type TrainerOptions,
  type Weights,
} from "./train-model.js";
export {
  gradientProgram,
  trainingProgram,
  trainingState,
  type LearnableSpec,
  type TrainingProgramOptions,
} from "./training-program.js";
