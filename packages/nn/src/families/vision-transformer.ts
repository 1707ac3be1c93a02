import { patchGrid, type VisionConfig, type VisionTransformerNames } from "@ligo/core";
import type * as tf from "@tensorflow/tfjs";
import { activate } from "../blocks/activation.js";
import { dropout } from "../blocks/dropout.js";
import { linear } from "../blocks/linear.js";
import type { Batch, Model } from "../model.js";
import { normalise, project } from "../blocks/named-layers.js";
import { asTensor, type Parameters } from "../parameters.js";
import { transformerStates } from "../blocks/transformer-layer.js";
import { pixelInputs, type ModelInputs } from "../inputs/model-inputs.js";
import {
  joinPatches,
  patchEmbeddings,
  pixelValues,
  placePatches,
  stochasticDepth,
} from "../inputs/vision-inputs.js";

/** The forward pass of a ViT or DeiT up to its heads. S = tokens + patches. */
export interface VisionTransformer {
  readonly inputs: ModelInputs;
  /** What a model says of token dropping: the tokens before the patches stay. */
  readonly skipping: NonNullable<Model["skipping"]>;
  /** What the layers get and give, each [batch * S, hidden]. */
  states(p: Parameters, batch: Batch): readonly tf.Tensor2D[];
  /** The last state, normalised: [batch, S, hidden]. */
  encode(p: Parameters, batch: Batch): tf.Tensor3D;
  /** One token of every image: [batch, S, hidden] to [batch, hidden]. */
  tokenAt(hidden: tf.Tensor3D, place: number): tf.Tensor2D;
  /** The pooler on the first token: [batch, pooler]. */
  pool(p: Parameters, hidden: tf.Tensor3D): tf.Tensor2D;
  /** The decoder of a masked image model: images [batch, channels, height, width]. */
  reconstruct(p: Parameters, hidden: tf.Tensor3D): tf.Tensor4D;
}

/** The forward pass of a config with these names. */
export function visionTransformer(
  config: VisionConfig,
  names: VisionTransformerNames,
): VisionTransformer {
  const grid = patchGrid(config);
  const tokens = names.tokens.length;
  const sequence = tokens + grid.patches;
  const options = {
    names: names.layer,
    layers: config.num_hidden_layers,
    norm: "pre",
    wholeTokens: tokens,
    heads: config.num_attention_heads,
    epsilon: config.layer_norm_eps,
    activation: (x: tf.Tensor2D) => activate(x, config.hidden_act),
    dropout: {
      attention: config.attention_probs_dropout_prob,
      branch: config.hidden_dropout_prob,
    },
  } as const;

  const states = (p: Parameters, given: Batch): readonly tf.Tensor2D[] => {
    const patches = maskPatches(p, patchEmbeddings(p, names.patches, given, grid.patch), given);
    const [batch] = pixelValues(given).shape;
    const placed = placePatches(p, patches, names.tokens, names.positions);
    const x = dropout(p, placed, config.hidden_dropout_prob);
    return transformerStates(p, x, options, (layer) => ({
      batch,
      sequence,
      branchScales: stochasticDepth(given, layer),
    }));
  };
  /** The mask token in the place of patches that `bool_masked_pos` [batch, patches] hides. */
  const maskPatches = (p: Parameters, patches: tf.Tensor2D, batch: Batch): tf.Tensor2D => {
    const hidden = batch["bool_masked_pos"];
    if (hidden === undefined) return patches;
    const mask = hidden.toFloat().as2D(-1, 1);
    const token = asTensor(p.get(names.maskToken)).as2D(1, -1);
    return patches.mul(mask.mul(-1).add(1)).add(mask.mul(token));
  };
  const tokenAt = (hidden: tf.Tensor3D, place: number): tf.Tensor2D => {
    const [batch, , n] = hidden.shape;
    return hidden.slice([0, place, 0], [batch, 1, n]).reshape([batch, n]);
  };
  return {
    tokenAt,
    skipping: { wholeTokens: tokens },
    inputs: pixelInputs({
      channels: config.num_channels,
      height: grid.image[0],
      width: grid.image[1],
    }),
    states,
    encode(p, batch) {
      const last = states(p, batch).at(-1) as tf.Tensor2D;
      return normalise(p, names.norm, last, config.layer_norm_eps).reshape([
        -1,
        sequence,
        last.shape[1],
      ]);
    },
    pool: (p, hidden) => activate(project(p, names.pooler, tokenAt(hidden, 0)), config.pooler_act),
    reconstruct(p, hidden) {
      const [batch, , n] = hidden.shape;
      const patches = hidden
        .slice([0, tokens, 0], [batch, grid.patches, n])
        .reshape<tf.Tensor2D>([-1, n]);
      const weight = asTensor(p.get(`${names.decoder}.weight`)).reshape<tf.Tensor2D>([-1, n]);
      const stride = config.encoder_stride;
      return joinPatches(
        linear(patches, weight, asTensor(p.get(`${names.decoder}.bias`))),
        [stride, stride],
        grid,
      );
    },
  };
}
