import { fillLayer, patchGrid } from "@ligo/core/layout";
import {
  addBranch,
  asTensor,
  gelu,
  imageClassifierModel,
  mlp,
  normalise,
  patchEmbeddings,
  pixelInputs,
  pixelValues,
  placePatches,
  project,
  stochasticDepth,
  type Batch,
  type Model,
  type Parameters,
} from "@ligo/nn";
import * as tf from "@ligo/tfjs";
import { classAttention, talkingHeadsAttention } from "./attention.js";
import { imagesOf, type CaitConfig } from "./config.js";
import * as names from "./layout.js";

const EPSILON = 1e-6;

/** The forward pass of CaiT: patches attend to each other, then the class token to them. */
export function caitModel(config: CaitConfig): Model {
  const { num_heads: heads } = config;
  const grid = patchGrid(imagesOf(config));
  const norm = (p: Parameters, name: string, layer: number, x: tf.Tensor2D): tf.Tensor2D =>
    normalise(p, fillLayer(name, layer), x, EPSILON);
  /** The rest of a pre-norm layer with LayerScale, behind its attention. */
  const finish = (
    p: Parameters,
    part: names.CaitLayerNames,
    layer: number,
    x: tf.Tensor2D,
    attention: tf.Tensor2D,
    skips: readonly tf.Tensor1D[] = [],
  ): tf.Tensor2D => {
    const scaled = (name: string, branch: tf.Tensor2D): tf.Tensor2D =>
      branch.mul(asTensor<tf.Tensor1D>(p.get(fillLayer(name, layer))));
    const attended = addBranch(scaled(part.scales[0], attention), x, skips[0]);
    const seen = norm(p, part.mlpNorm, layer, attended);
    const inner = mlp(p, layer, seen, { names: part, heads, epsilon: EPSILON, activation: gelu });
    return addBranch(scaled(part.scales[1], inner), attended, skips[1]);
  };
  /** By stack: what the layers get and give. */
  const states = (
    p: Parameters,
    given: Batch,
  ): { readonly patches: readonly tf.Tensor2D[]; readonly token: readonly tf.Tensor2D[] } => {
    const [batch] = pixelValues(given).shape;
    const embedded = patchEmbeddings(p, names.PATCHES, given, grid.patch);
    const patches = [placePatches(p, embedded, [], names.POSITIONS)];
    for (let layer = 0; layer < config.depth; layer++) {
      const x = patches[layer] as tf.Tensor2D;
      const seen = norm(p, names.patchLayer.attentionNorm, layer, x);
      const attention = talkingHeadsAttention(p, layer, seen, { batch, heads });
      patches.push(finish(p, names.patchLayer, layer, x, attention, stochasticDepth(given, layer)));
    }
    const last = patches.at(-1) as tf.Tensor2D;
    const [, n] = last.shape;
    const images = last.reshape<tf.Tensor3D>([batch, grid.patches, n]);
    const first = asTensor(p.get(names.CLASS_TOKEN)).reshape([1, n]);
    const token = [tf.zeros<tf.Rank.R2>([batch, n]).add<tf.Tensor2D>(first)];
    for (let layer = 0; layer < config.depth_token_only; layer++) {
      const x = token[layer] as tf.Tensor2D;
      const all = tf.concat([x.reshape<tf.Tensor3D>([batch, 1, n]), images], 1);
      const seen = norm(p, names.tokenLayer.attentionNorm, layer, all.reshape([-1, n]));
      const asking = seen
        .reshape([batch, 1 + grid.patches, n])
        .slice([0, 0, 0], [batch, 1, n])
        .reshape<tf.Tensor2D>([batch, n]);
      const attention = classAttention(p, layer, asking, seen, heads);
      token.push(finish(p, names.tokenLayer, layer, x, attention));
    }
    return { patches, token };
  };
  const classify = (p: Parameters, batch: Batch): tf.Tensor2D => {
    const token = states(p, batch).token.at(-1) as tf.Tensor2D;
    return project(p, names.HEAD, normalise(p, names.NORM, token, EPSILON));
  };
  const inputs = pixelInputs({
    channels: config.in_chans,
    height: grid.image[0],
    width: grid.image[1],
  });
  return {
    ...imageClassifierModel({ num_labels: config.num_classes }, inputs, classify),
    forward: (p, batch) => ({ logits: classify(p, batch) }),
    hiddenStates: states,
  };
}
