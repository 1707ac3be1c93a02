import {
  patchGrid,
  type PatchGrid,
  type VisionConfig,
  type VisionTransformerNames,
} from "@ligo/core/layout";
import type * as tf from "@ligo/tfjs";
import { activate } from "../blocks/activation.js";
import { dropout } from "../blocks/dropout.js";
import { linear } from "../blocks/linear.js";
import type { Batch, Model } from "../model.js";
import { normalise, project } from "../blocks/named-layers.js";
import { asTensor, type Parameters } from "../parameters.js";
import { stackOptions } from "./stack-options.js";
import { transformerStates } from "../blocks/transformer-layer.js";
import { imageClassifierModel } from "../heads/image-classification.js";
import { maskedPatches, pixelInputs } from "../inputs/model-inputs.js";
import {
  joinPatches,
  patchEmbeddings,
  pixelValues,
  placePatches,
  stochasticDepth,
} from "../inputs/vision-inputs.js";

/** The forward pass of a ViT or DeiT, and the classes that its relatives share. S = tokens + patches. */
export interface VisionTransformer {
  /** Parts of a model that all classes have. */
  readonly common: Pick<Model, "inputs" | "skipping" | "hiddenStates">;
  /** The last state, normalised: [batch, S, hidden]. */
  readonly encode: (p: Parameters, batch: Batch) => tf.Tensor3D;
  /** One token of every image: [batch, S, hidden] to [batch, hidden]. */
  readonly tokenAt: (hidden: tf.Tensor3D, place: number) => tf.Tensor2D;
  /** An image classifier: the linear layer `name` on the first token, `logits` [batch, classes]. */
  readonly classifier: (name: string) => Model;
  /** The bare model: `last_hidden_state` [batch, S, hidden], and `pooler_output` [batch, pooler] where it has a pooler. */
  readonly bare: () => Model;
  /** A masked image model: `reconstruction` [batch, channels, height, width]. */
  readonly maskedImages: () => Model;
}

/** The forward pass of a config with these names. */
export function visionTransformer(
  config: VisionConfig,
  names: VisionTransformerNames,
): VisionTransformer {
  const grid = patchGrid(config);
  const tokens = names.tokens.length;
  const { encode, states } = encoder(config, names, grid);
  /** The pooler on the first token: [batch, pooler]. */
  const pool = (p: Parameters, hidden: tf.Tensor3D): tf.Tensor2D =>
    activate(project(p, names.pooler, tokenAt(hidden, 0)), config.pooler_act);
  /** The decoder of a masked image model: images [batch, channels, height, width]. */
  const reconstruct = (p: Parameters, hidden: tf.Tensor3D): tf.Tensor4D => {
    const [batch, , n] = hidden.shape;
    const patches = hidden
      .slice([0, tokens, 0], [batch, grid.patches, n])
      .reshape<tf.Tensor2D>([-1, n]);
    const weight = asTensor(p.get(`${names.decoder}.weight`)).reshape<tf.Tensor2D>([-1, n]);
    const stride = config.encoder_stride;
    const pixels = linear(patches, weight, asTensor(p.get(`${names.decoder}.bias`)));
    return joinPatches(pixels, [stride, stride], grid);
  };
  const inputs = pixelInputs({
    channels: config.num_channels,
    height: grid.image[0],
    width: grid.image[1],
  });
  const common: VisionTransformer["common"] = {
    inputs,
    // the tokens before the patches stay
    skipping: { wholeTokens: tokens },
    hiddenStates: (p, batch) => ({ encoder: states(p, batch) }),
  };
  return {
    common,
    encode,
    tokenAt,
    classifier(name) {
      const classify = (p: Parameters, batch: Batch): tf.Tensor2D =>
        project(p, name, tokenAt(encode(p, batch), 0));
      return {
        ...common,
        ...imageClassifierModel(config, inputs, classify),
        forward: (p, batch) => ({ logits: classify(p, batch) }),
      };
    },
    bare: () => ({
      ...common,
      objectives: {},
      outputSpaces: { last_hidden_state: "embed", pooler_output: "pooler" },
      forward(p, batch) {
        const hidden = encode(p, batch);
        const pooled = config.add_pooling_layer ? { pooler_output: pool(p, hidden) } : {};
        return { last_hidden_state: hidden, ...pooled };
      },
    }),
    maskedImages: () => ({
      ...common,
      inputs: { ...inputs, ...maskedPatches(grid.patches) },
      objectives: {},
      forward: (p, batch) => ({ reconstruction: reconstruct(p, encode(p, batch)) }),
    }),
  };
}

/** Embeddings and layers. */
function encoder(
  config: VisionConfig,
  names: VisionTransformerNames,
  grid: PatchGrid,
): {
  /** Input of the first layer, then the output of every layer, each [batch * S, hidden]. */
  readonly states: (p: Parameters, batch: Batch) => readonly tf.Tensor2D[];
  encode: VisionTransformer["encode"];
} {
  const tokens = names.tokens.length;
  const sequence = tokens + grid.patches;
  const { hidden_dropout_prob: rate, layer_norm_eps: epsilon } = config;
  const options = stackOptions(config, {
    names: names.layer,
    norm: "pre",
    wholeTokens: tokens,
  });
  const states = (p: Parameters, given: Batch): readonly tf.Tensor2D[] => {
    const patches = patchEmbeddings(p, names.patches, given, grid.patch);
    const [batch] = pixelValues(given).shape;
    const seen = maskPatches(p, names.maskToken, patches, given);
    const x = dropout(p, placePatches(p, seen, names.tokens, names.positions), rate);
    return transformerStates(p, x, options, (layer) => ({
      batch,
      sequence,
      branchScales: stochasticDepth(given, layer),
    }));
  };
  return {
    states,
    encode(p, batch) {
      const last = states(p, batch).at(-1) as tf.Tensor2D;
      return normalise(p, names.norm, last, epsilon).reshape([-1, sequence, last.shape[1]]);
    },
  };
}

/** The mask token in the place of patches [batch * patches, hidden] that `bool_masked_pos` [batch, patches] hides. */
function maskPatches(
  p: Parameters,
  maskToken: string,
  patches: tf.Tensor2D,
  batch: Batch,
): tf.Tensor2D {
  const hidden = batch["bool_masked_pos"];
  if (hidden === undefined) return patches;
  const mask = hidden.toFloat().as2D(-1, 1);
  const token = asTensor(p.get(maskToken)).as2D(1, -1);
  return patches.mul(mask.mul(-1).add(1)).add(mask.mul(token));
}

/** One token of every image: [batch, S, hidden] to [batch, hidden]. */
function tokenAt(hidden: tf.Tensor3D, place: number): tf.Tensor2D {
  const [batch, , n] = hidden.shape;
  return hidden.slice([0, place, 0], [batch, 1, n]).reshape([batch, n]);
}
