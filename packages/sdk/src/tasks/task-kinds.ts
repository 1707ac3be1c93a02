import type { Objective } from "@ligo/nn";
import { localData } from "../models/hub-models.js";
import { classConfig, labelConfig } from "./label-config.js";
import { labelledColumns } from "./labelled-columns.js";
import { loadImagesPackage } from "./load-images-package.js";
import type { TaskKind } from "./task-kind.js";

const maskedText: TaskKind = {
  data: "text",
  learns: ["masked-token"],
  padded: false,
  open: async ({ name }, spec, options) =>
    (await import("./masked-lm-task.js")).maskedLmTask(name, spec, options),
};

const followingText: TaskKind = {
  data: "text",
  learns: ["next-token"],
  padded: false,
  open: async ({ name }, spec, options) =>
    (await import("./causal-lm-task.js")).causalLmTask(name, spec, options),
};

const labelledText: TaskKind = {
  data: "labelled-text",
  learns: ["class", "number"],
  padded: true,
  labels: {
    by: "data",
    async read(source, count) {
      const { readLabelNames } = await import("@ligo/data");
      const names = await readLabelNames(await localData(source.data, source), {
        ...labelledColumns(source),
        skipBadRows: source.skipBadRows ?? false,
      });
      return labelConfig(names, count);
    },
  },
  open: async (objective, spec, options) =>
    (await import("./labelled-text-task.js")).labelledTextTask(objective, spec, options),
};

const questions: TaskKind = {
  data: "questions",
  learns: ["span"],
  padded: true,
  // start and end
  labels: { by: "class" },
  open: async ({ name }, spec, options) =>
    (await import("./question-answering-task.js")).questionAnsweringTask(name, spec, options),
};

const labelledImages: TaskKind = {
  data: "labelled-images",
  learns: ["class"],
  padded: false,
  labels: {
    by: "data",
    async read(source, count) {
      const { readImages } = await loadImagesPackage();
      const { classes } = await readImages(await localData(source.data, source));
      return classConfig(classes, count);
    },
  },
  open: async (chosen, spec, options) =>
    chosen.objective.teacher?.need === "required"
      ? (await import("./distillation-task.js")).distillationTask(chosen, spec, options)
      : (await import("./image-task.js")).imageTask(chosen.name, spec, options),
};

/** All kinds of tasks. None is loaded before it is used. */
export const taskKinds: readonly TaskKind[] = [
  maskedText,
  followingText,
  labelledText,
  questions,
  labelledImages,
];

/** The kind of task that serves an objective; `undefined` for one without data here. */
export function taskKindOf({ data, learns }: Objective): TaskKind | undefined {
  return taskKinds.find((kind) => kind.data === data && kind.learns.includes(learns));
}
