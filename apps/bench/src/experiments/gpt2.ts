import {
  allMethods,
  knowledgeInheritance,
  progressiveMethods,
  scaledComparison,
  type Experiment,
} from "./experiment.js";
import { gpt2Keys, gpt2Model, size } from "./models.js";
import { GPT2_SCHEDULE } from "./schedules.js";

/** Twice the layers, a third more width. */
const PAIR = {
  mini: { source: size(3, 96, 3), target: size(6, 128, 4) },
  midi: { source: size(3, 192, 3), target: size(6, 256, 4) },
  small: { source: size(3, 384, 6), target: size(6, 512, 8) },
  paper: { source: size(12, 768, 12), target: size(24, 1024, 16) },
} as const;

export const gpt2: Experiment = {
  name: "gpt2",
  title: "GPT-2 Base to GPT-2 Medium",
  data: "text",
  seeds: 3,
  published: { ligo: { flops: 0.225 } },
  notes: ["The paper does not say how GPT-2 is trained: steps, rate and warm-up are ours."],
  comparison(scale, inputs) {
    const schedule = GPT2_SCHEDULE[scale];
    const { source, target } = PAIR[scale];
    return scaledComparison(scale, schedule, {
      config: gpt2Model(source, inputs, schedule.target.sequence ?? 0),
      to: gpt2Keys(target),
      methods: [
        ...allMethods(schedule.target),
        knowledgeInheritance(schedule.target.steps),
        ...progressiveMethods("n_layer", target.layers, [String.raw`^transformer\.(wte|wpe)\.`]),
      ],
    });
  },
};
