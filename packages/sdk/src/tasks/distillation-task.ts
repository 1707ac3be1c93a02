import type { Numbers } from "@ligo/engine";
import type { ImageProcessor } from "@ligo/images";
import { loadEngine } from "../models/load-engine.js";
import { loadModel } from "../models/load-model.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { OpenedModel } from "../models/open-model.js";
import { UsageError } from "../usage-error.js";
import { pixelAdapter } from "./adapt-pixels.js";
import { joinFingerprints } from "./fingerprint.js";
import { classNames } from "./class-names.js";
import { imageTask } from "./image-task.js";
import { loadImagesPackage } from "./load-images-package.js";
import type { NamedObjective } from "./task-kind.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";
import { openTeacher, teacherFingerprint, teacherMismatch } from "./teacher.js";

/** Classification of labelled images that also learns what a teacher says of them (Touvron et al., 2021). */
export async function distillationTask(
  chosen: NamedObjective,
  spec: ModelSpec,
  options: TaskOptions,
): Promise<Task> {
  const { teacher: path, temperature } = options;
  if (path === undefined) {
    throw new UsageError(
      "sdk/no-teacher",
      `The objective ${chosen.name} learns from a teacher. Give \`teacher\`, an image classifier.`,
      { expected: "teacher" },
    );
  }
  const task = await imageTask(await judgeOf(chosen, spec), spec, options);
  const classes = classNames(spec).length;
  const teacher = await compileTeacher(path, spec, task.processor, options);
  const scalars =
    temperature === undefined ? {} : { distillation_temperature: Float32Array.of(temperature) };
  return {
    ...task,
    objective: chosen.name,
    settings: { ...task.settings, teacher: path },
    fingerprint: async () => joinFingerprints([await task.fingerprint(), teacher.fingerprint]),
    specs: {
      ...task.specs,
      teacher_logits: { shape: [options.batch, classes], dtype: "float32" },
      ...(temperature === undefined
        ? {}
        : { distillation_temperature: { shape: [], dtype: "float32" } }),
    },
    async batch(step) {
      const batch = await task.batch(step);
      const teacher_logits = await teacher.ask(batch["pixel_values"] as Float32Array);
      return { ...batch, ...scalars, teacher_logits };
    },
  };
}

/** Name of the objective that models are judged by: the one without a teacher, where the class has it. */
async function judgeOf({ name, objective }: NamedObjective, spec: ModelSpec): Promise<string> {
  const { objectives } = await loadModel(spec);
  const judge = Object.entries(objectives).find(
    ([, { data, learns, teacher }]) =>
      data === objective.data && learns === objective.learns && teacher?.need !== "required",
  );
  return judge?.[0] ?? name;
}

interface Teacher {
  /** What it says of a batch: logits [batch * classes] for pixels [batch * channels * height * width]. */
  ask(pixels: Float32Array): Promise<Numbers>;
  /** What tells its config and weights from others. */
  readonly fingerprint: string;
}

async function compileTeacher(
  path: string,
  student: ModelSpec,
  processor: ImageProcessor,
  options: TaskOptions,
): Promise<Teacher> {
  const [{ learnableSpecs }, { tensorParameters }] = await Promise.all([
    import("@ligo/train"),
    import("@ligo/nn"),
  ]);
  const teacher = await openTeacher(path, options);
  try {
    const { spec } = teacher;
    const network = await loadModel(spec);
    const shape = await checkTeacher(teacher, student);
    const { loadProcessor } = await loadImagesPackage();
    const theirs = (await loadProcessor(await teacher.folder())) ?? processor;
    const adapt = pixelAdapter(processor, theirs, processor.size.height * processor.size.width);
    const engine = await loadEngine(options.engine);
    const compiled = await engine.compile(
      {
        state: {},
        frozen: learnableSpecs(spec.layout),
        inputs: { pixel_values: { shape: [options.batch, ...shape], dtype: "float32" } },
        build: ({ frozen, inputs }) => {
          const { logits } = network.forward(tensorParameters(frozen), inputs);
          return { outputs: logits === undefined ? {} : { logits } };
        },
      },
      { state: {}, frozen: Object.fromEntries(await teacher.readAll(options.signal)) },
    );
    return {
      ask: async (pixels) =>
        (await compiled.run({ pixel_values: adapt(pixels) }))["logits"] as Numbers,
      fingerprint: await teacherFingerprint(teacher),
    };
  } finally {
    await teacher.close();
  }
}

/** Teacher and student must look at the same images and name the same classes. Returns [channels, height, width]. */
async function checkTeacher(teacher: OpenedModel, student: ModelSpec): Promise<readonly number[]> {
  const shapeOf = async (spec: ModelSpec): Promise<readonly number[]> => {
    const { inputs } = await loadModel(spec);
    const axes = inputs["pixel_values"]?.axes ?? [];
    return axes.flatMap((axis) => (typeof axis === "number" ? [axis] : []));
  };
  const [theirs, ours] = [await shapeOf(teacher.spec), await shapeOf(student)];
  if (String(theirs) !== String(ours)) {
    throw teacherMismatch(
      teacher,
      "takes images",
      `[${ours.join(", ")}]`,
      `[${theirs.join(", ")}]`,
    );
  }
  const [known, wanted] = [classNames(teacher.spec), classNames(student)];
  const unnamed = [known, wanted].some((names) => names.every((name, i) => name === `LABEL_${i}`));
  if (known.length !== wanted.length || (!unnamed && String(known) !== String(wanted))) {
    throw teacherMismatch(teacher, "tells apart", wanted.join(", "), known.join(", "));
  }
  return ours;
}
