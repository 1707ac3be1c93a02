import {
  allMethods,
  knowledgeInheritance,
  progressiveMethods,
  row,
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

/** Methods that are shown with moments of the source, and without: those that copy, that mix, and that add what is new. */
const WITH_MOMENTS = [
  "ligo",
  "stack",
  "interpolate",
  "zero-block",
  "lemon",
  "fpi",
  "aki",
  "net2net",
  "direct-copy",
  "lossless-fresh",
  "sparkling",
] as const;

/** Is it worth something to carry the optimiser's moments over? Every method goes on with them, and beside it anew. */
export const moments: Experiment = {
  name: "moments",
  title: "Moments of the optimiser, carried over or anew (GPT-2 Base to Medium)",
  data: "text",
  seeds: 2,
  published: {},
  notes: ["Moments of the source are grown with it; rows that say `anew` leave them."],
  comparison(scale, inputs) {
    const comparison = gpt2.comparison(scale, inputs);
    const { source } = comparison;
    if (typeof source === "string") throw new Error("The source is trained for the experiment.");
    return {
      ...comparison,
      source: { ...source, training: { ...source.training, saveMoments: true } },
      methods: [
        row("scratch"),
        ...WITH_MOMENTS.flatMap((name) => [
          row(name),
          row(`${name}, anew`, name, {}, { moments: "anew" }),
        ]),
      ],
    };
  },
};
