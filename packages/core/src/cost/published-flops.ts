import { headCount } from "../layout/layout-names.js";
import type { Layout } from "../layout/layout.js";

/** The sizes that the paper's counter looks at. */
export interface TransformerSizes {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly vocabulary: number;
}

/** The work that is counted: steps of batches of sequences. */
export interface CountedSteps {
  readonly steps: number;
  /** Sequences of a step. */
  readonly batch: number;
  /** Tokens of a sequence. */
  readonly sequence: number;
}

/**
 * `published`: what the released code counts, and the paper's tables with it. `corrected`: the same products, but
 * - the backward pass costs twice the forward pass, not as much as it;
 * - rows of the embedding table are looked up, not multiplied by one-hot vectors;
 * - growing the weights is counted once per step, not once per sequence;
 * - the norm behind attention is counted per unit, as the others are.
 */
export type FlopCounter = "published" | "corrected";

/** Operations per element, as the published counter has them. */
const DROPOUT = 4;
const NORM = 5;
const ACTIVATION = 8;
const SOFTMAX = 5;
/** Share of the tokens that the readout over the vocabulary is counted for: 20 of 128. */
const LABELLED = 0.156_25;

const passes = (counter: FlopCounter): number => (counter === "published" ? 2 : 3);

/**
 * Floating-point operations of training a BERT, by the counter that the LiGO paper's tables are made with (ELECTRA's,
 * Clark et al., 2020): products as 2mn, and the smaller terms of softmax, dropout, norms and activations.
 */
export function publishedTrainingFlops(
  sizes: TransformerSizes,
  counted: CountedSteps,
  counter: FlopCounter = "published",
): number {
  return (
    passes(counter) *
    counted.steps *
    counted.batch *
    sequenceFlops(sizes, counted.sequence, counter)
  );
}

/**
 * Floating-point operations of learning a LiGO operator from `small` to `large`: training steps of the large model, in
 * which its weights are built. Published, with the operator's operations counted for every sequence of the batch; this
 * gives the column "+FLOPs" of the paper's Table 3.
 */
export function publishedGrowthFlops(
  small: TransformerSizes,
  large: TransformerSizes,
  counted: CountedSteps,
  counter: FlopCounter = "published",
): number {
  const times = counter === "published" ? counted.batch : 1;
  const building = passes(counter) * counted.steps * times * operatorFlops(small, large);
  return publishedTrainingFlops(large, counted, counter) + building;
}

/** A forward pass of one sequence. */
function sequenceFlops(sizes: TransformerSizes, sequence: number, counter: FlopCounter): number {
  const { layers, hidden, vocabulary } = sizes;
  const lookUp = counter === "published" ? 2 * hidden * vocabulary : 0;
  const positions = counter === "published" ? 2 * hidden * (sequence + 2) : 0;
  const embedding = lookUp + positions + (2 + NORM + DROPOUT) * hidden;
  const head =
    2 * hidden * hidden +
    (1 + ACTIVATION + NORM) * hidden +
    (2 * hidden + SOFTMAX + 2) * vocabulary;
  const perToken = layers * layerFlops(sizes, sequence, counter) + embedding + LABELLED * head;
  return sequence * perToken;
}

/** A forward pass of one token through one layer. */
function layerFlops(
  { hidden, heads, intermediate }: TransformerSizes,
  sequence: number,
  counter: FlopCounter,
): number {
  const queryKeyValue = 3 * (2 * hidden * hidden + hidden);
  const scores = 2 * hidden * sequence + (1 + SOFTMAX + DROPOUT) * sequence * heads;
  const context = 2 * hidden * sequence;
  const output = 2 * hidden * hidden + (2 + DROPOUT) * hidden;
  const outputNorm = counter === "published" ? NORM : NORM * hidden;
  const mlp =
    4 * hidden * intermediate + (1 + ACTIVATION) * intermediate + (2 + DROPOUT + NORM) * hidden;
  return queryKeyValue + scores + context + output + outputNorm + mlp;
}

/** Building all layers of the large model from the small one's, as the published code counts it. */
function operatorFlops(small: TransformerSizes, large: TransformerSizes): number {
  const { hidden, intermediate, layers } = large;
  const added = hidden - small.hidden;
  // depth: every target weight is a sum over the small layers
  const matrices = 2 * hidden * hidden + 2 * hidden * intermediate;
  const vectors = hidden + hidden + 2 * hidden + intermediate + 2 * hidden + 2 * hidden;
  const mixing = small.layers * (2 * matrices + vectors);
  // width: the added rows and columns
  const rows = added * small.hidden;
  const widening =
    2 * (4 * rows * small.hidden + rows) +
    2 * rows +
    4 * rows * intermediate +
    added * intermediate +
    2 * added * intermediate * hidden +
    2 * added * hidden;
  return layers * (mixing + widening);
}

/** The sizes of a layout with one stack of transformer layers. Throws a RangeError for any other. */
export function transformerSizes(layout: Layout): TransformerSizes {
  const { embed, mlp, query, vocab } = layout.spaces;
  const [stack, ...others] = Object.values(layout.stacks);
  if (!embed || !mlp || !query?.factors || !vocab || !stack || others.length > 0) {
    throw new RangeError(
      `${layout.className} is not a language model of one stack, which the published counter needs.`,
    );
  }
  return {
    layers: stack.layers,
    hidden: embed.size,
    heads: headCount(query),
    intermediate: mlp.size,
    vocabulary: vocab.size,
  };
}
