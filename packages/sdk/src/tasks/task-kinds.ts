import type { Objective } from "@ligo/nn";
import { localData } from "../models/hub-models.js";
import { classConfig, labelConfig } from "./label-config.js";
import { labelledColumns } from "./labelled-columns.js";
import { loadImagesPackage } from "./load-images-package.js";
import type { TaskKind } from "./task-kind.js";

/** Settings that both kinds of language modelling read. */
const OF_CORPUS: TaskKind["reads"] = [
  "sequence",
  "tokenizer",
  "textColumn",
  "skipBadRows",
  "dataWeights",
  "cache",
];

const maskedText: TaskKind = {
  data: "text",
  learns: ["masked-token"],
  words: "text",
  reads: OF_CORPUS,
  padded: false,
  open: async ({ name }, spec, options) =>
    (await import("./masked-lm-task.js")).maskedLmTask(name, spec, options),
};

const followingText: TaskKind = {
  data: "text",
  learns: ["next-token"],
  words: "text",
  reads: OF_CORPUS,
  padded: false,
  open: async ({ name }, spec, options) =>
    (await import("./causal-lm-task.js")).causalLmTask(name, spec, options),
};

const labelledText: TaskKind = {
  data: "labelled-text",
  learns: ["class", "number"],
  words: "labelled texts",
  reads: ["sequence", "tokenizer", "textColumn", "labelColumn", "skipBadRows"],
  padded: true,
  labels: {
    by: "data",
    async read(source, count) {
      const { readLabels } = await import("@ligo/data");
      const found = await readLabels(await localData(source.data, source), {
        ...labelledColumns(source),
        skipBadRows: source.skipBadRows ?? false,
      });
      return labelConfig(found, count);
    },
  },
  open: async (objective, spec, options) =>
    (await import("./labelled-text-task.js")).labelledTextTask(objective, spec, options),
};

const questions: TaskKind = {
  data: "questions",
  learns: ["span"],
  words: "questions",
  reads: ["sequence", "tokenizer", "stride", "skipBadRows", "predictions"],
  padded: true,
  // start and end
  labels: { by: "class" },
  open: async ({ name }, spec, options) =>
    (await import("./question-answering-task.js")).questionAnsweringTask(name, spec, options),
};

const labelledImages: TaskKind = {
  data: "labelled-images",
  learns: ["class"],
  words: "labelled images",
  reads: ["processor", "augment", "stochasticDepth"],
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
