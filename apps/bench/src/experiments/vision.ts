import { allMethods, progressiveMethods, scaledComparison, type Experiment } from "./experiment.js";
import { caitKeys, caitModel, deitModel, encoderKeys, size } from "./models.js";
import { IMAGE_SCHEDULE } from "./schedules.js";

const IMAGES = {
  // larger patches pay for more steps: in 700 of half the size neither source nor target learned much
  mini: { image: 32, patch: 8 },
  midi: { image: 32, patch: 4 },
  small: { image: 32, patch: 4 },
  paper: { image: 224, patch: 16 },
} as const;

/** Twice the width at the same depth. */
const DEIT = {
  mini: { source: size(4, 64, 2), target: size(4, 128, 4) },
  midi: { source: size(6, 128, 2), target: size(6, 256, 4) },
  small: { source: size(6, 192, 3), target: size(6, 384, 6) },
  paper: { source: size(12, 384, 6), target: size(12, 768, 12) },
} as const;

/** A third more width at the same depth; the paper does not name its depth, 24 is that of the published models. */
const CAIT = {
  mini: { source: size(4, 72, 3), target: size(4, 96, 4) },
  midi: { source: size(6, 144, 3), target: size(6, 192, 4) },
  small: { source: size(8, 144, 3), target: size(8, 192, 4) },
  paper: { source: size(24, 288, 6), target: size(24, 384, 8) },
} as const;

export const deit: Experiment = {
  name: "deit",
  title: "DeiT-S to DeiT-B",
  data: "images",
  seeds: 3,
  published: {
    ligo: { flops: 0.554, seconds: 0.52 },
    fpi: { flops: 0.408, seconds: 0.37 },
    mango: { flops: 0.76 },
    stackbert: { flops: 0.238, seconds: 0.151 },
    mslt: { flops: 0.367, seconds: 0.289 },
  },
  notes: [
    "Mango's figure is that of its own paper. StackBERT and MSLT grow while they train from scratch; how MSLT divides its steps is ours.",
    "Growth is in width alone, so methods that differ in depth alone are one.",
  ],
  comparison(scale, inputs) {
    const { source, target } = DEIT[scale];
    return scaledComparison(scale, IMAGE_SCHEDULE[scale], {
      config: deitModel(source, inputs, IMAGES[scale]),
      to: encoderKeys(target),
      methods: [
        ...allMethods(IMAGE_SCHEDULE[scale].target).filter(({ name }) => !DEPTH_ONLY.has(name)),
        ...progressiveMethods("num_hidden_layers", target.layers, [
          String.raw`^deit\.embeddings\.`,
        ]),
      ],
    });
  },
};

/** Methods that equal `stack` or `fpi` (Net2Net's width), or learn nothing, where depth stays. */
const DEPTH_ONLY: ReadonlySet<string> = new Set([
  "interpolate",
  "tleg",
  "lesa",
  "solar",
  "midas",
  "zero-block",
  "net2net",
  "ligo-depth",
  "ligo-width",
]);

export const cait: Experiment = {
  name: "cait",
  title: "CaiT-XS to CaiT-S",
  data: "images",
  seeds: 1,
  published: { ligo: { flops: 0.526, seconds: 0.461 } },
  notes: ["The paper does not name the depth: 24, as the published XS24 and S24 have."],
  comparison(scale, inputs) {
    const { source, target } = CAIT[scale];
    return scaledComparison(scale, IMAGE_SCHEDULE[scale], {
      config: caitModel(source, inputs, IMAGES[scale]),
      to: caitKeys(target),
      // its talking heads have no blocks that mango could cut
      methods: allMethods(IMAGE_SCHEDULE[scale].target).filter(
        ({ name }) => name !== "mango" && !DEPTH_ONLY.has(name),
      ),
    });
  },
};
