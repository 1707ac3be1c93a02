import { ALL_METHODS, type Experiment } from "./experiment.js";
import { encoderKeys, robertaModel, size } from "./models.js";
import { ROBERTA_SCHEDULE } from "./schedules.js";

const PAIR = {
  mini: { source: size(2, 96, 2), target: size(4, 144, 3) },
  small: { source: size(3, 256, 4), target: size(6, 384, 6) },
  paper: { source: size(6, 512, 8), target: size(12, 768, 12) },
} as const;

export const roberta: Experiment = {
  name: "roberta",
  title: "RoBERTa-Small to RoBERTa-Base",
  data: "text",
  seeds: 1,
  published: { ligo: { flops: 0.472 } },
  notes: [],
  comparison(scale, inputs) {
    const { growth, source, target } = ROBERTA_SCHEDULE[scale];
    const config = robertaModel(PAIR[scale].source, inputs, target.sequence ?? 0);
    return {
      source: { config, training: source },
      to: encoderKeys(PAIR[scale].target),
      training: target,
      growth,
      methods: ALL_METHODS,
      budget: scale === "paper" ? "steps" : "flops",
    };
  },
};
