export type { Handles } from "./context.js";
export type { DataAmount, JudgedAmount } from "./data-amount.js";
export { checkGguf, type GgufReport } from "./check-gguf.js";
export { evaluate } from "./evaluate.js";
export type { ScoredEvaluation } from "./evaluation/evaluation.js";
export type { EvaluateResult } from "./evaluation/evaluation.js";
export type {
  CheckpointEvent,
  ClassEvent,
  MomentsEvent,
  CompiledEvent,
  LayersEvent,
  SizesEvent,
  DataEvent,
  DownloadEvent,
  EngineEvent,
  MethodEvent,
  EvaluationEvent,
  EventListener,
  GrowEvent,
  LigoEvent,
  Phase,
  PhaseEvent,
  ResumedEvent,
  StepEvent,
  TargetEvent,
  TrainEvent,
  WarningEvent,
} from "./events.js";
export { exportLearning, type ExportedLearning } from "./export-learning.js";
export { forward } from "./forward.js";
export { grow } from "./grow.js";
export type { GrownModel } from "./growth/grown-model.js";
export type { Probe, ProbedStart } from "./growth/probe/facts.js";
export type { RowFacts } from "./growth/row-facts.js";
export type { GrowthLosses } from "./growth/growth-losses.js";
export type { TargetConfig } from "./growth/target-config.js";
export { inspect, type InspectedParameter, type InspectResult } from "./inspect.js";
export type { ForwardResult, Output } from "./models/forward-result.js";
export type { EngineName, OwnEngineName } from "./models/engine-name.js";
export type {
  MemoryModel,
  ModelSource,
  ModelTensor,
  TensorNumbers,
} from "./models/model-source.js";
export type {
  CarriedEntries,
  FreshMoments,
  ModelMoments,
  MomentCounts,
  MomentFacts,
} from "./moments/moments.js";
export type { EngineReport } from "./machine/engine-reports.js";
export { engineSpeed, type EngineSpeed } from "./machine/engine-speed.js";
export { examineMachine, type MachineReport } from "./machine/examine-machine.js";
export type { CacheFolder, HubReport } from "./machine/places.js";
export type { Processor } from "./machine/processor.js";
export type { EngineChoice } from "./models/choose-engine.js";
export { open, type OpenModel } from "./open.js";
export { plan } from "./plan.js";
export type { PlanReport } from "./plan-report.js";
export { push } from "./push.js";
export type { Pushed } from "@ligo/hub";
export { resume, type ResumedModel, type ResumeHandles } from "./resume.js";
export { InterruptedError } from "./runs/interrupted-error.js";
export { RunError } from "./runs/run-error.js";
export { SettingsError } from "./settings/settings-error.js";
export type {
  EvaluateSettings,
  ExportLearningSettings,
  ForwardSettings,
  GrowSettings,
  InspectSettings,
  MethodName,
  OpenSettings,
  PlanSettings,
  ResumeSettings,
  TrainSettings,
  VerifySettings,
} from "./settings/types.generated.js";
export type { ForwardInputs, InputTensor } from "./settings/values.js";
export { train } from "./train.js";
export type { NewModel, TrainSource } from "./models/model-source.js";
export type { TrainedModel } from "./training/trained-model.js";
export { UsageError } from "./usage-error.js";
export { verify, type VerifiedLosses, type VerifyResult } from "./verify.js";
export type { ComparedStates, Difference } from "./verify/compare-outputs.js";
export type { LayerDrift } from "./verify/activation-drift.js";
export { LigoError } from "@ligo/core";
