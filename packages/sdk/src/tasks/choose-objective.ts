import { nearestName } from "@ligo/core";
import { loadModel } from "../models/load-model.js";
import type { ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";
import type { NamedObjective } from "./task-kind.js";
import { taskKindOf } from "./task-kinds.js";
import type { TaskOptions } from "./task-options.js";

/**
 * The objective a model learns by: the one asked for, else with a teacher the first that learns from one, else the first of
 * its class. Throws `sdk/no-objective` where the class has none that there are data for, `sdk/unknown-objective` where it
 * lacks the one asked for, `sdk/no-taught-objective` where there is a teacher and none learns from it.
 */
export async function chooseObjective(
  spec: ModelSpec,
  { objective: asked, teacher }: Pick<TaskOptions, "objective" | "teacher">,
): Promise<NamedObjective> {
  const { objectives } = await loadModel(spec);
  const known = Object.entries(objectives)
    .map(([name, objective]): NamedObjective => ({ name, objective }))
    .filter(({ objective }) => taskKindOf(objective) !== undefined);
  const { className, file } = spec;
  const [first] = known;
  if (first === undefined) {
    throw new UsageError(
      "sdk/no-objective",
      `${file}: ${className} has no head to learn with. Use a class that has one, such as ...ForMaskedLM, ` +
        "...LMHeadModel, ...ForSequenceClassification, ...ForQuestionAnswering or ...ForImageClassification.",
      { file, expected: "a class with an objective", actual: className },
    );
  }
  const has = known.map(({ name }) => name).join(", ");
  if (asked === undefined) {
    if (teacher === undefined) return first;
    const taught = known.find(({ objective }) => objective.teacher !== undefined);
    if (taught !== undefined) return taught;
    throw new UsageError(
      "sdk/no-taught-objective",
      `${file}: ${className} has no objective that learns from a teacher. It has: ${has}. Leave \`teacher\` out.`,
      { file, expected: "an objective with a teacher", actual: has },
    );
  }
  const chosen = known.find(({ name }) => name === asked);
  if (chosen !== undefined) return chosen;
  const nearest = nearestName(
    asked,
    known.map(({ name }) => name),
  );
  throw new UsageError(
    "sdk/unknown-objective",
    `${file}: ${className} has no objective "${asked}"` +
      `${nearest === undefined ? "" : `; the nearest is "${nearest}"`}. It has: ${has}.`,
    { file, expected: has, actual: asked },
  );
}

/** Throws `sdk/no-teacher`, `sdk/no-taught-objective` and `sdk/teacher-options` for settings that the objective has no use for. */
export function checkTeacherOptions(
  { name, objective }: NamedObjective,
  { teacher, teacherSteps, temperature }: TaskOptions,
): void {
  const settings = [
    { setting: "`teacherSteps`", given: teacherSteps, used: objective.teacher?.fades },
    { setting: "`temperature`", given: temperature, used: objective.teacher?.softened },
  ];
  if (teacher !== undefined && objective.teacher === undefined) {
    throw new UsageError(
      "sdk/no-taught-objective",
      `The objective ${name} does not learn from a teacher. Leave \`teacher\` out, or learn by another \`objective\`.`,
      { expected: "no teacher", actual: teacher },
    );
  }
  const given = settings.filter((one) => one.given !== undefined);
  if (given.length > 0 && teacher === undefined) {
    throw new UsageError(
      "sdk/no-teacher",
      `${given.map(({ setting }) => setting).join(" and ")}: there is no teacher. Give \`teacher\`, a checkpoint.`,
      { expected: "teacher" },
    );
  }
  const unused = given.filter(({ used }) => used !== true).map(({ setting }) => setting);
  if (unused.length === 0) return;
  const used = settings.filter((one) => one.used === true).map(({ setting }) => setting);
  throw new UsageError(
    "sdk/teacher-options",
    `The objective ${name} has no ${unused.join(" and no ")}. Leave it out, or learn by another \`objective\`.`,
    { expected: used.join(", ") || "none", actual: unused.join(", ") },
  );
}
