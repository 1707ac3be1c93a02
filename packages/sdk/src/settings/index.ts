export { boardSettings } from "./board.js";
export { check, checkPart, unusedNames, type CheckedSettings } from "./check.js";
export { commandSettings } from "./commands.js";
export { compareSettings } from "./compare.js";
export { defaultsOf } from "./defaults.js";
export { defineSettings, type CommandSettings } from "./define.js";
export { describeSettings, type SettingFacts } from "./describe.js";
export { evaluateSettings } from "./evaluate.js";
export { exportLearningSettings } from "./export-learning.js";
export { forwardSettings } from "./forward.js";
export { growSettings } from "./grow.js";
export { splitHandles, type HandleName } from "./handles.js";
export { inspectSettings } from "./inspect.js";
export { refuseNamedFile } from "./named-code.js";
export { pick, withDefaults, withoutDefaults, type Setting, type Settings } from "./kinds.js";
export {
  askedLearning,
  asksData,
  learnsOperator,
  methodFacts,
  type MethodFacts,
} from "./method.js";
export { planSettings } from "./plan.js";
export { pushSettings } from "./push.js";
export { resumeSettings } from "./resume.js";
export {
  besideFile,
  readEntries,
  readRecipeFile,
  readValue,
  type RecipeFile,
} from "./recipe-file.js";
export type { Fault, Rule } from "./rules.js";
export { SettingsError } from "./settings-error.js";
export { jsonKeys } from "./snake-case.js";
export { trainSettings } from "./train.js";
export type * from "./types.generated.js";
export type {
  EngineName,
  ForwardInputs,
  InputTensor,
  Method,
  Shard,
  TargetConfig,
} from "./values.js";
export { verifySettings } from "./verify.js";
