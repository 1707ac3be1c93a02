import {
  allMethods,
  knowledgeInheritance,
  progressiveMethods,
  row,
  scaledComparison,
  type Experiment,
  type ExperimentInputs,
  type ScaledComparison,
} from "./experiment.js";
import { bertModel, encoderKeys, size, type Size } from "./models.js";
import type { Scale } from "./scales.js";
import { BERT_SCHEDULE, DEEP_BERT_SCHEDULE, type ScaledSchedule } from "./schedules.js";

/** A source and a target at every scale. */
type Pair = Readonly<Record<Scale, { readonly source: Size; readonly target: Size }>>;

/** A comparison of BERTs. */
function bertComparison(
  pair: Pair,
  scale: Scale,
  inputs: ExperimentInputs,
  methods: ScaledComparison["methods"],
  schedule: ScaledSchedule = BERT_SCHEDULE[scale],
): ScaledComparison {
  const { source, target } = pair[scale];
  const positions = schedule.target.sequence ?? 0;
  const config = bertModel(source, inputs, positions);
  return scaledComparison(scale, schedule, { config, to: encoderKeys(target), methods });
}

/** BERT-Small to BERT-Base: twice the layers, one and a half times the width. */
const SMALL_TO_BASE: Pair = {
  mini: { source: size(2, 96, 2), target: size(4, 144, 3) },
  midi: { source: size(2, 192, 4), target: size(4, 288, 6) },
  small: { source: size(3, 256, 4), target: size(6, 384, 6) },
  paper: { source: size(6, 512, 8), target: size(12, 768, 12) },
};

/** BERT-Base to BERT-Large: twice the layers, a third more width. */
const BASE_TO_LARGE: Pair = {
  mini: { source: size(3, 96, 3), target: size(6, 128, 4) },
  midi: { source: size(3, 192, 3), target: size(6, 256, 4) },
  small: { source: size(3, 384, 6), target: size(6, 512, 8) },
  paper: { source: size(12, 768, 12), target: size(24, 1024, 16) },
};

/** BERT-Small to BERT-Large: four times the layers, twice the width. */
const SMALL_TO_LARGE: Pair = {
  mini: { source: size(2, 64, 2), target: size(8, 128, 4) },
  midi: { source: size(2, 128, 2), target: size(8, 256, 4) },
  small: { source: size(2, 256, 4), target: size(8, 512, 8) },
  paper: { source: size(6, 512, 8), target: size(24, 1024, 16) },
};

export const bert: Experiment = {
  name: "bert",
  title: "BERT-Small to BERT-Base",
  data: "text",
  seeds: 3,
  published: {
    ligo: { flops: 0.447, seconds: 0.407 },
    fpi: { flops: 0.29, seconds: 0.251 },
    stackbert: { flops: 0.341, seconds: 0.333 },
    mslt: { flops: 0.349, seconds: 0.3 },
    ki: { flops: -0.057, seconds: -0.139 },
  },
  notes: [
    "The paper's bert2BERT is Net2Net width with stacked layers: fpi here. StackBERT and MSLT grow while they train from scratch and have no source; how MSLT divides its steps is ours: half of them for all layers, the rest in equal parts.",
  ],
  comparison: (scale, inputs) =>
    bertComparison(SMALL_TO_BASE, scale, inputs, [
      ...allMethods(BERT_SCHEDULE[scale].target),
      knowledgeInheritance(BERT_SCHEDULE[scale].target.steps),
      ...progressiveMethods("num_hidden_layers", SMALL_TO_BASE[scale].target.layers, [
        String.raw`^bert\.embeddings\.`,
      ]),
    ]),
};

export const bertLarge: Experiment = {
  name: "bert-large",
  title: "BERT-Base to BERT-Large",
  data: "text",
  seeds: 1,
  published: { ligo: { flops: 0.452 } },
  notes: [],
  comparison: (scale, inputs) =>
    bertComparison(BASE_TO_LARGE, scale, inputs, allMethods(BERT_SCHEDULE[scale].target)),
};

export const bertSmallLarge: Experiment = {
  name: "bert-small-large",
  title: "BERT-Small to BERT-Large",
  data: "text",
  seeds: 1,
  published: { ligo: { flops: 0.303 } },
  notes: [],
  comparison(scale, inputs) {
    const schedule = DEEP_BERT_SCHEDULE[scale];
    return bertComparison(SMALL_TO_LARGE, scale, inputs, allMethods(schedule.target), schedule);
  },
};

/** Depth alone, from half the layers at the target's width. */
export const depth: Experiment = {
  name: "depth",
  title: "Growth in depth alone (BERT)",
  data: "text",
  seeds: 1,
  published: { ligo: { flops: 0.517 } },
  notes: ["The paper shows its baselines' savings as curves only."],
  comparison: (scale, inputs) =>
    bertComparison(
      {
        mini: { source: size(2, 144, 3), target: size(4, 144, 3) },
        midi: { source: size(2, 288, 6), target: size(4, 288, 6) },
        small: { source: size(3, 384, 6), target: size(6, 384, 6) },
        paper: { source: size(6, 768, 12), target: size(12, 768, 12) },
      },
      scale,
      inputs,
      [
        row("scratch"),
        row("ligo"),
        row("ligo, unlearned", "ligo", { steps: 0 }),
        row("stack"),
        row("interpolate"),
        row("zero-block"),
      ],
    ),
};

/** Width alone, from two thirds of the target's. */
export const width: Experiment = {
  name: "width",
  title: "Growth in width alone (BERT)",
  data: "text",
  seeds: 1,
  published: { ligo: { flops: 0.416 } },
  notes: ["The paper shows its baselines' savings as curves only."],
  comparison: (scale, inputs) =>
    bertComparison(
      {
        mini: { source: size(4, 96, 2), target: size(4, 144, 3) },
        midi: { source: size(4, 192, 4), target: size(4, 288, 6) },
        small: { source: size(6, 256, 4), target: size(6, 384, 6) },
        paper: { source: size(12, 512, 8), target: size(12, 768, 12) },
      },
      scale,
      inputs,
      [
        row("scratch"),
        row("ligo"),
        row("ligo, unlearned", "ligo", { steps: 0 }),
        row("direct-copy"),
        row("fpi"),
        row("aki"),
        row("lemon"),
      ],
    ),
};

const GROWTH_STEPS: Readonly<Record<Scale, readonly number[]>> = {
  mini: [0, 5, 20, 50, 200],
  midi: [0, 5, 20, 50, 200],
  small: [0, 20, 100, 500, 2000],
  paper: [100, 500, 1000, 10_000],
};

/** How long the operator is learned (Table 3). */
export const growthSteps: Experiment = {
  name: "growth-steps",
  title: "Steps of learning the operator (BERT-Small to BERT-Base)",
  data: "text",
  seeds: 1,
  published: {
    "ligo, 100 steps": { flops: 0.447 },
    "ligo, 500 steps": { flops: 0.445 },
    "ligo, 1000 steps": { flops: 0.442 },
    "ligo, 10000 steps": { flops: 0.389 },
  },
  notes: [
    "The paper's shares of growth are by its counter, which counts the operator once for every sequence of a batch.",
  ],
  comparison: (scale, inputs) =>
    bertComparison(SMALL_TO_BASE, scale, inputs, [
      row("scratch"),
      ...GROWTH_STEPS[scale].map((steps) =>
        row(`ligo, ${steps} steps`, "ligo", { steps, warmup: Math.ceil(steps / 10) }),
      ),
    ]),
};

/** On top of LiGO: what else saves training (the paper's section 4.2 and appendix B.3). */
export const strategies: Experiment = {
  name: "strategies",
  title: "LiGO with layer dropping, token dropping, staged training (BERT-Small to BERT-Base)",
  data: "text",
  seeds: 1,
  published: {
    ligo: { flops: 0.447, seconds: 0.407 },
    "ligo, layers dropped": { flops: 0.494 },
    "ligo, tokens dropped": { flops: 0.521 },
    "ligo, staged": { flops: 0.529 },
  },
  notes: [
    "The paper's sub-network of staged training is not described: here the upper half of the layers, for the first 50 of 400 parts of the steps.",
    "What is dropped or frozen is counted as if it were not when steps are shared out, so these rows spend less than their budget.",
  ],
  comparison(scale, inputs) {
    const layers = SMALL_TO_BASE[scale].target.layers / 2;
    const frozen = { layers, outsideStacks: [String.raw`^bert\.embeddings\.`] };
    return bertComparison(SMALL_TO_BASE, scale, inputs, [
      row("scratch"),
      row("ligo"),
      row("ligo, layers dropped", "ligo", {}, { dropLayers: 0.1 }),
      row("ligo, tokens dropped", "ligo", {}, { dropTokens: 0.15 }),
      {
        ...row("ligo, staged", "ligo"),
        phases: [
          { config: {}, share: 50 / 400, frozen },
          { config: {}, share: 350 / 400 },
        ],
      },
    ]);
  },
};

/** From a source that was trained for less than a quarter of its steps. */
export const partialSource: Experiment = {
  name: "partial-source",
  title: "From a partially trained source (BERT-Small to BERT-Base)",
  data: "text",
  seeds: 1,
  published: { ligo: { flops: 0.352, seconds: 0.302 } },
  notes: ["The paper's source is trained for 50 of 220 thousand steps."],
  comparison(scale, inputs) {
    const schedule = BERT_SCHEDULE[scale];
    const steps = Math.round((50 / 220) * schedule.source.steps);
    const source = { ...schedule.source, steps, evaluateEvery: steps };
    return bertComparison(
      SMALL_TO_BASE,
      scale,
      inputs,
      [row("scratch"), row("ligo"), row("stack"), row("fpi")],
      { ...schedule, source },
    );
  },
};
