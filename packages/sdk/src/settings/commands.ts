import { boardSettings } from "./board.js";
import { compareSettings } from "./compare.js";
import type { CommandSettings } from "./define.js";
import { evaluateSettings } from "./evaluate.js";
import { exportLearningSettings } from "./export-learning.js";
import { forwardSettings } from "./forward.js";
import { growSettings } from "./grow.js";
import { inspectSettings } from "./inspect.js";
import { openSettings } from "./open.js";
import { planSettings } from "./plan.js";
import { pushSettings } from "./push.js";
import { resumeSettings } from "./resume.js";
import { trainSettings } from "./train.js";
import { verifySettings } from "./verify.js";

/** The settings of every command, in the order of the documentation. */
export const commandSettings: readonly CommandSettings[] = [
  planSettings,
  growSettings,
  exportLearningSettings,
  trainSettings,
  evaluateSettings,
  forwardSettings,
  verifySettings,
  inspectSettings,
  resumeSettings,
  openSettings,
  pushSettings,
  compareSettings,
  boardSettings,
];
