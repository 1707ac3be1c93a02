import { fillLayer, type Stack, type TransformerLayerNames, type WeightStorage } from "@ligo/core";
import * as tf from "@tensorflow/tfjs";
import { attention, type AttentionShape } from "./attention.js";
import { checkpoint } from "./checkpoint.js";
import { drawMask, dropout } from "./dropout.js";
import { normalise, project } from "./named-layers.js";
import type { Parameters } from "./parameters.js";

/** What is the same for all layers of a stack. */
export interface TransformerLayerOptions {
  readonly names: TransformerLayerNames;
  readonly heads: number;
  /** Of the norms. */
  readonly epsilon: number;
  readonly activation: (x: tf.Tensor2D) => tf.Tensor2D;
  /** How the weights of the linear layers are stored. Default `out-in`. */
  readonly storage?: WeightStorage;
  /** Chances, in training, that a number is dropped: of the attention weights, and of what each branch adds. Default 0. */
  readonly dropout?: { readonly attention: number; readonly branch: number };
}

/** What a layer is given beside its activations. */
export interface TransformerLayerInputs {
  readonly batch: number;
  readonly sequence: number;
  /** Added to the attention scores; broadcasts to [batch, heads, sequence, sequence]. */
  readonly mask?: tf.Tensor4D | undefined;
  /** Factor of the attention scores. Default 1 / sqrt(head size). */
  readonly scale?: number | undefined;
  /**
   * Stochastic depth (Huang et al., 2016): what the attention branch and the MLP branch are multiplied by before they are
   * added, [batch] each: 0 for samples that skip the branch, 1 / (share that keeps it) for the others.
   */
  readonly branchScales?: readonly [attention: tf.Tensor1D, mlp: tf.Tensor1D] | undefined;
}

/** One layer of a stack on x [batch * sequence, n]; `layer` counts from 0. */
export type TransformerLayer = (
  p: Parameters,
  layer: number,
  x: tf.Tensor2D,
  options: TransformerLayerOptions,
  inputs: TransformerLayerInputs,
) => tf.Tensor2D;

/** Multi-head self-attention with its output layer, of the layer's own parameters: [batch * sequence, n] to the same. */
export function selfAttention(
  p: Parameters,
  layer: number,
  x: tf.Tensor2D,
  { names, heads, storage = "out-in", dropout: rates }: TransformerLayerOptions,
  { batch, sequence, mask, scale }: TransformerLayerInputs,
): tf.Tensor2D {
  const made = names.queryKeyValue.map((name) =>
    project(p, fillLayer(name, layer), x, { readers: names.queryKeyValue.length, storage }),
  );
  const parts = made.length === 1 ? tf.split(made[0] as tf.Tensor2D, 3, 1) : made;
  const [q, k, v] = parts as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const shape: AttentionShape = {
    batch,
    sequence,
    heads,
    ...(scale === undefined ? {} : { scale }),
  };
  const drawn = drawMask(p, [batch, heads, sequence, sequence], rates?.attention ?? 0);
  const context = attention(q, k, v, shape, mask, drawn);
  const output = project(p, fillLayer(names.attentionOutput, layer), context, { storage });
  return dropout(p, output, rates?.branch ?? 0);
}

/** The MLP of a layer: linear, activation, linear. */
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

/** x plus a branch, the branch multiplied by one number per sample if `scale` [batch] is given. */
export function addBranch(branch: tf.Tensor2D, x: tf.Tensor2D, scale?: tf.Tensor1D): tf.Tensor2D {
  if (scale === undefined) return branch.add(x);
  const bySample = branch.reshape([scale.shape[0], -1]).mul(scale.as2D(-1, 1));
  return bySample.reshape<tf.Tensor2D>(branch.shape).add(x);
}

/** A layer that normalises after each residual sum (Vaswani et al., 2017; BERT, RoBERTa). */
export const postNormLayer: TransformerLayer = (p, layer, x, options, inputs) => {
  const { names, epsilon } = options;
  const [first, second] = inputs.branchScales ?? [];
  const norm = (name: string, sum: tf.Tensor2D): tf.Tensor2D =>
    normalise(p, fillLayer(name, layer), sum, epsilon);
  const attended = norm(
    names.attentionNorm,
    addBranch(selfAttention(p, layer, x, options, inputs), x, first),
  );
  return norm(names.mlpNorm, addBranch(mlp(p, layer, attended, options), attended, second));
};

/** A layer that normalises what each branch reads (GPT-2, ViT). */
export const preNormLayer: TransformerLayer = (p, layer, x, options, inputs) => {
  const { names, epsilon } = options;
  const [first, second] = inputs.branchScales ?? [];
  const norm = (name: string, sum: tf.Tensor2D): tf.Tensor2D =>
    normalise(p, fillLayer(name, layer), sum, epsilon);
  const attended = addBranch(
    selfAttention(p, layer, norm(names.attentionNorm, x), options, inputs),
    x,
    first,
  );
  return addBranch(mlp(p, layer, norm(names.mlpNorm, attended), options), attended, second);
};

/** A whole stack of layers. */
export interface TransformerStackOptions extends TransformerLayerOptions {
  readonly layers: number;
  readonly norm: Stack["norm"];
}

/**
 * What the layers of a stack get and give: x, then the output of every layer, each [batch * sequence, n].
 *
 * @param inputs of all layers, or of one by its number
 */
export function transformerStates(
  p: Parameters,
  x: tf.Tensor2D,
  options: TransformerStackOptions,
  inputs: TransformerLayerInputs | ((layer: number) => TransformerLayerInputs),
): readonly tf.Tensor2D[] {
  const run = options.norm === "pre" ? preNormLayer : postNormLayer;
  const states = [checkpoint(x)];
  for (let layer = 0; layer < options.layers; layer++) {
    const given = typeof inputs === "function" ? inputs(layer) : inputs;
    states.push(checkpoint(run(p, layer, states[layer] as tf.Tensor2D, options, given)));
  }
  return states;
}
