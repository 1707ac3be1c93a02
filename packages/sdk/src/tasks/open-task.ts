import { nearestName } from "@ligo/core";
import { localData, localNamedPart } from "../models/hub-models.js";
import { loadModel } from "../models/load-model.js";
import { longestSequence } from "../models/model-limits.js";
import type { ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";

type OpenTask = (spec: ModelSpec, options: TaskOptions) => Promise<Task>;

/** The tasks by the objective they learn. None is loaded before it is used. */
const TASKS: Readonly<Record<string, OpenTask>> = {
  "masked-lm": async (spec, options) =>
    (await import("./masked-lm-task.js")).maskedLmTask(spec, options),
  "causal-lm": async (spec, options) =>
    (await import("./causal-lm-task.js")).causalLmTask(spec, options),
  "text-classification": async (spec, options) =>
    (await import("./labelled-text-task.js")).labelledTextTask(
      "text-classification",
      spec,
      options,
    ),
  "question-answering": async (spec, options) =>
    (await import("./question-answering-task.js")).questionAnsweringTask(spec, options),
  "text-regression": async (spec, options) =>
    (await import("./labelled-text-task.js")).labelledTextTask("text-regression", spec, options),
  "image-classification": async (spec, options) =>
    (await import("./image-task.js")).imageTask(spec, options),
  "hard-distillation": async (spec, options) =>
    (await import("./distillation-task.js")).distillationTask("hard-distillation", spec, options),
  "soft-distillation": async (spec, options) =>
    (await import("./distillation-task.js")).distillationTask("soft-distillation", spec, options),
};

/** What is learned of images where there is a teacher. */
const WITH_TEACHER = "hard-distillation";

/** What can be learned from a teacher beside labels, by itself. */
const INHERITING: readonly string[] = ["masked-lm", "causal-lm"];

/**
 * The name of the objective a model learns by: the one asked for, else of images that of learning from a teacher where there
 * is one, else the first of its class. Throws `cli/no-objective` where the class has none that `ligo` has data for,
 * `cli/unknown-objective` where it does not have the one asked for.
 */
async function chooseObjective(
  spec: ModelSpec,
  { objective, teacher }: TaskOptions,
): Promise<string> {
  const { objectives } = await loadModel(spec);
  const known = Object.keys(objectives).filter((name) => name in TASKS);
  const isTaught = teacher !== undefined && !known.some((name) => INHERITING.includes(name));
  const asked = objective ?? (isTaught ? WITH_TEACHER : undefined);
  const chosen = asked ?? known[0];
  const has = known.join(", ") || "none";
  if (chosen === undefined) {
    throw new UsageError(
      "cli/no-objective",
      `${spec.file}: ${spec.className} has no head to learn with. Use a class that has one, such as ...ForMaskedLM, ` +
        "...LMHeadModel, ...ForSequenceClassification, ...ForQuestionAnswering or ...ForImageClassification.",
      { file: spec.file, expected: "a class with an objective", actual: spec.className },
    );
  }
  if (known.includes(chosen)) return chosen;
  const nearest = nearestName(chosen, known);
  throw new UsageError(
    "cli/unknown-objective",
    `${spec.file}: ${spec.className} has no objective "${chosen}"` +
      `${nearest === undefined ? "" : `; the nearest is "${nearest}"`}. It has: ${has}.`,
    { file: spec.file, expected: has, actual: chosen },
  );
}

/** Throws `cli/no-teacher` and `cli/teacher-options` for options that would change nothing. */
function checkTeacherOptions(
  objective: string,
  { teacher, teacherSteps, temperature }: TaskOptions,
): void {
  const given = [
    ...(teacherSteps === undefined ? [] : ["--teacher-steps"]),
    ...(temperature === undefined ? [] : ["--temperature"]),
  ];
  if (given.length > 0 && teacher === undefined) {
    throw new UsageError(
      "cli/no-teacher",
      `${given.join(" and ")}: there is no teacher. Add --teacher <checkpoint>.`,
      { expected: "--teacher" },
    );
  }
  const known = INHERITING.includes(objective)
    ? given
    : objective === "soft-distillation"
      ? ["--temperature"]
      : [];
  const unknown = given.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new UsageError(
    "cli/teacher-options",
    `The objective ${objective} has no ${unknown.join(" and no ")}. Leave it out, or learn by another --objective.`,
    { expected: known.join(", ") || "none", actual: unknown.join(", ") },
  );
}

/**
 * Reads the data a model learns from. What the model's class cannot learn is refused before the data are read. Throws what
 * {@link chooseObjective} and the task throw.
 */
export async function openTask(spec: ModelSpec, options: TaskOptions): Promise<Task> {
  const objective = await chooseObjective(spec, options);
  checkTeacherOptions(objective, options);
  const sequence = Math.min(options.sequence, await longestSequence(spec));
  const [data, evalData, tokenizer, processor] = [
    await localData(options.data, options),
    options.evalData && (await localData(options.evalData, options)),
    await localNamedPart(options.tokenizer, "tokenizer", options),
    await localNamedPart(options.processor, "processor", options),
  ];
  const given = { ...options, data, evalData, tokenizer, processor, sequence };
  const task = await (TASKS[objective] as OpenTask)(spec, given);
  const { teacher } = options;
  if (teacher === undefined || !INHERITING.includes(objective)) return task;
  return (await import("./inheritance.js")).inheritFrom(teacher, task, spec, given);
}
