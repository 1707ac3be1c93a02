import { fillLayer, patchGrid } from "@ligo/core/layout";
import {
  activate,
  addBranch,
  asTensor,
  dropout,
  imageClassifierModel,
  layerStates,
  mlp,
  normalise,
  patchEmbeddings,
  pixelInputs,
  pixelValues,
  placePatches,
  project,
  selfAttention,
  stochasticDepth,
  type Batch,
  type Model,
  type Parameters,
  type TransformerLayer,
  type TransformerLayerInputs,
  type TransformerLayerOptions,
} from "@ligo/nn";
import * as tf from "@ligo/tfjs";
import type { Dinov2Config } from "./config.js";
import { classHead, dinov2Names, type Dinov2Names } from "./layout.js";

/** The layer of a config: pre-norm, each branch scaled per channel, the MLP gated or not. */
function layerOf({ layer: names }: Dinov2Names, gated: boolean): TransformerLayer {
  return (p, layer, x, options, inputs) => {
    const [first, second] = inputs.branchScales ?? [];
    const norm = (name: string, y: tf.Tensor2D): tf.Tensor2D =>
      normalise(p, fillLayer(name, layer), y, options.epsilon);
    const scaled = (name: string, branch: tf.Tensor2D): tf.Tensor2D =>
      branch.mul(asTensor<tf.Tensor1D>(p.get(fillLayer(name, layer))));
    const attention = selfAttention(p, layer, norm(names.attentionNorm, x), options, inputs);
    const attended = addBranch(scaled(names.scales[0], attention), x, first);
    const seen = norm(names.mlpNorm, attended);
    const inner = gated ? gatedBranch(p, names, layer, seen) : mlp(p, layer, seen, options);
    return addBranch(scaled(names.scales[1], inner), attended, second);
  };
}

/** SwiGLU (Shazeer, 2020) whose two inner layers are one: [rows, n] to the same. */
function gatedBranch(
  p: Parameters,
  names: Dinov2Names["layer"],
  layer: number,
  x: tf.Tensor2D,
): tf.Tensor2D {
  const both = project(p, fillLayer(names.mlpInput, layer), x);
  const [gate, up] = tf.split(both, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
  return project(p, fillLayer(names.mlpOutput, layer), activate(gate, "silu").mul<tf.Tensor2D>(up));
}

/** Registers behind the class token: [batch * (1 + patches), n] to [batch * (1 + registers + patches), n]. */
function withRegisters(p: Parameters, name: string, x: tf.Tensor2D, patches: number): tf.Tensor2D {
  if (!p.has(name)) return x;
  const [rows, n] = x.shape;
  const batch = rows / (1 + patches);
  const [first, others] = tf.split(
    x.reshape<tf.Tensor3D>([batch, 1 + patches, n]),
    [1, patches],
    1,
  ) as [tf.Tensor3D, tf.Tensor3D];
  const registers = asTensor<tf.Tensor3D>(p.get(name));
  const repeated = tf.zeros<tf.Rank.R3>([batch, registers.shape[1], n]).add<tf.Tensor3D>(registers);
  return tf.concat([first, repeated, others], 1).reshape([-1, n]);
}

/** The forward pass of DINOv2, with registers or without. S = class token, registers and patches. */
export function dinov2Model(config: Dinov2Config, kind: "classifier" | "bare"): Model {
  const names = dinov2Names(config);
  const grid = patchGrid(config);
  const tokens = 1 + config.num_register_tokens;
  const sequence = tokens + grid.patches;
  const epsilon = config.layer_norm_eps;
  const options: TransformerLayerOptions = {
    names: names.layer,
    heads: config.num_attention_heads,
    epsilon,
    activation: (x) => activate(x, config.hidden_act),
    dropout: { attention: config.attention_probs_dropout_prob, branch: 0 },
  };
  const one = layerOf(names, config.use_swiglu_ffn);
  /** Input of the first layer, then the output of every layer, each [batch * S, hidden]. */
  const states = (p: Parameters, given: Batch): readonly tf.Tensor2D[] => {
    const patches = patchEmbeddings(p, names.patches, given, grid.patch);
    const placed = placePatches(p, patches, [names.classToken], names.positions);
    const all = withRegisters(p, names.registers, placed, grid.patches);
    return layerStates<TransformerLayerInputs>(
      p,
      dropout(p, all, config.hidden_dropout_prob),
      {
        layers: config.num_hidden_layers,
        wholeTokens: tokens,
        run: (layer, state, own, scale) =>
          one(p, layer, state, options, {
            ...own,
            ...(scale === undefined ? {} : { branchScales: [scale, scale] }),
          }),
      },
      (layer) => ({
        batch: pixelValues(given).shape[0],
        sequence,
        branchScales: stochasticDepth(given, layer),
      }),
    );
  };
  /** The last state, normalised: [batch, S, hidden]. */
  const encode = (p: Parameters, batch: Batch): tf.Tensor3D => {
    const last = states(p, batch).at(-1) as tf.Tensor2D;
    return normalise(p, names.norm, last, epsilon).reshape([-1, sequence, last.shape[1]]);
  };
  const firstOf = (hidden: tf.Tensor3D): tf.Tensor2D => {
    const [batch, , n] = hidden.shape;
    return hidden.slice([0, 0, 0], [batch, 1, n]).reshape([batch, n]);
  };
  const classify = (p: Parameters, batch: Batch): tf.Tensor2D => {
    const hidden = encode(p, batch);
    const [count, , n] = hidden.shape;
    const mean = hidden.slice([0, tokens, 0], [count, grid.patches, n]).mean<tf.Tensor2D>(1);
    return project(p, classHead, tf.concat([firstOf(hidden), mean], 1));
  };
  const inputs = pixelInputs({
    channels: config.num_channels,
    height: grid.image[0],
    width: grid.image[1],
  });
  const common: Pick<Model, "inputs" | "skipping" | "hiddenStates"> = {
    inputs,
    // the tokens before the patches stay
    skipping: { wholeTokens: tokens },
    hiddenStates: (p, batch) => ({ encoder: states(p, batch) }),
  };
  if (kind === "classifier")
    return {
      ...common,
      ...imageClassifierModel(config, inputs, classify),
      forward: (p, batch) => ({ logits: classify(p, batch) }),
    };
  return {
    ...common,
    objectives: {},
    outputSpaces: { last_hidden_state: "embed", pooler_output: "embed" },
    forward(p, batch) {
      const hidden = encode(p, batch);
      return { last_hidden_state: hidden, pooler_output: firstOf(hidden) };
    },
  };
}
