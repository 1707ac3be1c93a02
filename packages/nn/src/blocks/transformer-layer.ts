import type { Stack } from "@ligo/core";
import { fillLayer, type TransformerLayerNames, type WeightStorage } from "@ligo/core/layout";
import * as tf from "@ligo/tfjs";
import { attention, type AttentionShape, type Prepare } from "./attention.js";
import { checkpoint } from "./checkpoint.js";
import { drawMask, dropout } from "./dropout.js";
import { normalise, project } from "./named-layers.js";
import type { Parameters } from "../parameters.js";
import { dropLayer, dropTokens, wantedRows, type Sequences } from "./skipping.js";

/** Options that all layers of a stack share. */
export interface TransformerLayerOptions {
  readonly names: TransformerLayerNames;
  readonly heads: number;
  /** Heads of keys and values, each shared by as many heads of queries. Default `heads`. */
  readonly keyValueHeads?: number;
  /** Epsilon of the norms. */
  readonly epsilon: number;
  readonly activation: (x: tf.Tensor2D) => tf.Tensor2D;
  /** How the weights of the linear layers are stored. Default `out-in`. */
  readonly storage?: WeightStorage;
  /** Whether one layer makes queries, keys and values head by head (GPT-NeoX), not all queries first. Default false. */
  readonly interleaved?: boolean;
  /** Chances, in training, that a number is dropped: of the attention weights, and of what each branch adds. Default 0. */
  readonly dropout?: { readonly attention: number; readonly branch: number };
}

/** Factor of a branch before it is added: one number per sequence [batch], or one for all. */
type BranchScale = tf.Tensor1D | number;

/** Inputs of a layer beside its activations. */
export interface TransformerLayerInputs extends Sequences {
  /** Factor of the attention scores. Default 1 / sqrt(head size). */
  readonly scale?: number | undefined;
  /** Applied to queries and keys before they are compared: rotary positions. */
  readonly prepare?: Prepare | undefined;
  /**
   * Stochastic depth (Huang et al., 2016): what the attention branch and the MLP branch are multiplied by before they are
   * added, [batch] each: 0 for samples that skip the branch, 1 / (share that keeps it) for the others.
   */
  readonly branchScales?: readonly [attention: BranchScale, mlp: BranchScale] | undefined;
}

/** One layer of a stack on x [batch * sequence, n], to the same or its wanted rows; `layer` counts from 0. */
export type TransformerLayer = (
  p: Parameters,
  layer: number,
  x: tf.Tensor2D,
  options: TransformerLayerOptions,
  inputs: TransformerLayerInputs,
) => tf.Tensor2D;

/** Multi-head self-attention with its output layer, of the layer's own parameters: [batch * sequence, n] to the same, or its wanted rows. */
export function selfAttention(
  p: Parameters,
  layer: number,
  x: tf.Tensor2D,
  options: TransformerLayerOptions,
  { batch, sequence, mask, prepare, scale, wanted }: TransformerLayerInputs,
): tf.Tensor2D {
  const { names, heads, keyValueHeads = heads, storage = "out-in", dropout: rates } = options;
  const made = names.queryKeyValue.map((name) =>
    project(p, fillLayer(name, layer), x, { readers: names.queryKeyValue.length, storage }),
  );
  const parts = made.length === 1 ? splitHeads(made[0] as tf.Tensor2D, options) : made;
  const [q, k, v] = parts as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const shape: AttentionShape = {
    batch,
    sequence,
    heads,
    keyValueHeads,
    ...(scale === undefined ? {} : { scale }),
    prepare,
  };
  const drawn = drawMask(p, [batch, heads, sequence, sequence], rates?.attention ?? 0);
  const context = wantedRows(attention(q, k, v, shape, mask, drawn), { wanted });
  const output = project(p, fillLayer(names.attentionOutput, layer), context, { storage });
  return dropout(p, output, rates?.branch ?? 0);
}

/** Queries, keys and values [rows, heads * head size] of the one layer that makes them. */
function splitHeads(
  all: tf.Tensor2D,
  { heads, interleaved = false, keyValueHeads = heads }: TransformerLayerOptions,
): readonly tf.Tensor2D[] {
  const [rows, columns] = all.shape;
  const size = columns / (heads + 2 * keyValueHeads);
  if (!interleaved) {
    const sizes = [heads, keyValueHeads, keyValueHeads].map((count) => count * size);
    return tf.split(all, sizes, 1);
  }
  const byHead = all.reshape<tf.Tensor3D>([rows, heads, 3 * size]);
  return tf.split(byHead, 3, 2).map((part) => part.reshape<tf.Tensor2D>([rows, heads * size]));
}

/** The MLP of a layer: linear, activation, linear. [rows, n] to the same. */
export function mlp(
  p: Parameters,
  layer: number,
  x: tf.Tensor2D,
  { names, activation, storage = "out-in", dropout: rates }: TransformerLayerOptions,
): tf.Tensor2D {
  const inner = activation(project(p, fillLayer(names.mlpInput, layer), x, { storage }));
  const output = project(p, fillLayer(names.mlpOutput, layer), inner, { storage });
  return dropout(p, output, rates?.branch ?? 0);
}

/** x [rows, n] plus a branch [rows, n], the branch multiplied by one number per sample if `scale` [batch] is given, or by one for all. */
export function addBranch(branch: tf.Tensor2D, x: tf.Tensor2D, scale?: BranchScale): tf.Tensor2D {
  if (scale === undefined) return branch.add(x);
  if (typeof scale === "number") return branch.mul<tf.Tensor2D>(scale).add(x);
  const bySample = branch.reshape([scale.shape[0], -1]).mul(scale.as2D(-1, 1));
  return bySample.reshape<tf.Tensor2D>(branch.shape).add(x);
}

/** A layer that normalises after each residual sum (Vaswani et al., 2017; BERT, RoBERTa): [batch * sequence, n] to the same. */
export const postNormLayer: TransformerLayer = (p, layer, x, options, inputs) => {
  const { names, epsilon } = options;
  const [first, second] = inputs.branchScales ?? [];
  const norm = (name: string, sum: tf.Tensor2D): tf.Tensor2D =>
    normalise(p, fillLayer(name, layer), sum, epsilon);
  const attended = norm(
    names.attentionNorm,
    addBranch(selfAttention(p, layer, x, options, inputs), wantedRows(x, inputs), first),
  );
  return norm(names.mlpNorm, addBranch(mlp(p, layer, attended, options), attended, second));
};

/** A layer that normalises the input of each branch (GPT-2, ViT): [batch * sequence, n] to the same. */
export const preNormLayer: TransformerLayer = (p, layer, x, options, inputs) => {
  const { names, epsilon } = options;
  const [first, second] = inputs.branchScales ?? [];
  const norm = (name: string, sum: tf.Tensor2D): tf.Tensor2D =>
    normalise(p, fillLayer(name, layer), sum, epsilon);
  const attended = addBranch(
    selfAttention(p, layer, norm(names.attentionNorm, x), options, inputs),
    wantedRows(x, inputs),
    first,
  );
  return addBranch(mlp(p, layer, norm(names.mlpNorm, attended), options), attended, second);
};

/** A list of layers. */
export interface LayersOptions<Inputs extends Sequences> {
  readonly layers: number;
  /** Tokens at the start of every sequence that token dropping never drops: a class token. Default 0. */
  readonly wholeTokens?: number;
  /**
   * One layer on x [batch * sequence, n], to the same or its wanted rows; `layer` counts from 0. `scale` is what its branches are
   * multiplied by, if given.
   */
  readonly run: (layer: number, x: tf.Tensor2D, inputs: Inputs, scale?: number) => tf.Tensor2D;
}

/**
 * The states of a list of layers: x, then the output of every layer, each [batch * sequence, n].
 *
 * In a training step that skips tokens, the layers between the first and the last see those kept alone (as random layerwise token
 * dropping has it, Yao et al., 2022: the first layer reads all that is embedded, the last writes all that is predicted), and the
 * states between them hold no more than these. In one that skips layers, each works on some sequences of the batch.
 *
 * @param inputs of all layers, or of one by its number
 * @param wanted rows that the last state is to hold alone, int32 [rows] of [batch * sequence]: what is behind attention in the
 * last layer is computed for these. Default: all
 */
export function layerStates<Inputs extends Sequences>(
  p: Parameters,
  x: tf.Tensor2D,
  { layers, wholeTokens = 0, run }: LayersOptions<Inputs>,
  inputs: Inputs | ((layer: number) => Inputs),
  wanted?: tf.Tensor1D,
): readonly tf.Tensor2D[] {
  const given = (layer: number): Inputs => (typeof inputs === "function" ? inputs(layer) : inputs);
  const skipsLayers = (p.skipping?.layers ?? 0) > 0;
  const through = (layer: number, state: tf.Tensor2D, sequences: Sequences): tf.Tensor2D => {
    const own = given(layer);
    const last = layer === layers - 1 ? wanted : undefined;
    // A layer that sequences skip hands on all of their rows.
    const within = skipsLayers ? undefined : last;
    const next = dropLayer(p, state, sequences, { layer, layers }, (some, which, scale) =>
      run(layer, some, { ...own, ...which, wanted: within }, scale),
    );
    return checkpoint(within ? next : wantedRows(next, { wanted: last }));
  };
  const walk = (
    from: tf.Tensor2D,
    [start, end]: readonly [number, number],
    sequences?: (layer: number) => Sequences,
  ): readonly tf.Tensor2D[] => {
    const states = [from];
    for (let layer = start; layer < end; layer++) {
      const state = states.at(-1) as tf.Tensor2D;
      states.push(through(layer, state, (sequences ?? given)(layer)));
    }
    return states;
  };
  const embedded = checkpoint(x);
  if (layers < 3 || (p.skipping?.tokens ?? 0) === 0) return walk(embedded, [0, layers]);
  const [, first] = walk(embedded, [0, 1]) as [tf.Tensor2D, tf.Tensor2D];
  let between: readonly tf.Tensor2D[] = [];
  const all = dropTokens(p, first, given(1), wholeTokens, (some, keep) => {
    between = walk(some, [1, layers - 1], (layer) => keep(given(layer)));
    return between.at(-1) as tf.Tensor2D;
  });
  const joined = walk(checkpoint(all), [layers - 1, layers]);
  return [embedded, first, ...between.slice(1, -1), ...joined];
}

/** A whole stack of layers. */
export interface TransformerStackOptions extends TransformerLayerOptions {
  readonly layers: number;
  readonly norm: Stack["norm"];
  /** Tokens at the start of every sequence that token dropping never drops: a class token. Default 0. */
  readonly wholeTokens?: number;
}

/**
 * The states of a stack: x, then the output of every layer, each [batch * sequence, n]; see {@link layerStates}.
 *
 * @param inputs of all layers, or of one by its number
 * @param wanted rows that the last state is to hold alone; see {@link layerStates}
 */
export function transformerStates(
  p: Parameters,
  x: tf.Tensor2D,
  options: TransformerStackOptions,
  inputs: TransformerLayerInputs | ((layer: number) => TransformerLayerInputs),
  wanted?: tf.Tensor1D,
): readonly tf.Tensor2D[] {
  const one = options.norm === "pre" ? preNormLayer : postNormLayer;
  return layerStates(
    p,
    x,
    {
      ...options,
      run: (layer, state, own, scale) =>
        one(p, layer, state, options, {
          ...own,
          ...(scale === undefined ? {} : { branchScales: [scale, scale] }),
        }),
    },
    inputs,
    wanted,
  );
}
