import { allMethods, scaledComparison, type Experiment } from "./experiment.js";
import { encoderKeys, robertaModel, size } from "./models.js";
import { ROBERTA_SCHEDULE } from "./schedules.js";

const PAIR = {
  mini: { source: size(2, 96, 2), target: size(4, 144, 3) },
  midi: { source: size(2, 192, 4), target: size(4, 288, 6) },
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
    const schedule = ROBERTA_SCHEDULE[scale];
    const { source, target } = PAIR[scale];
    return scaledComparison(scale, schedule, {
      config: robertaModel(source, inputs, schedule.target.sequence ?? 0),
      to: encoderKeys(target),
      methods: allMethods(schedule.target),
    });
  },
};
