import {
  activate,
  causalDecoder,
  decoderMask,
  dense,
  dropout,
  inputIds,
  normalise,
  textEmbeddings,
  transformerStates,
  type Batch,
  type Model,
  type Parameters,
  type TransformerStackOptions,
} from "@ligo/nn";
import type * as tf from "@ligo/tfjs";
import type { Gpt2Config } from "./config.js";
import { embeddingNames, finalNorm, headNames, layerNames, readoutOf } from "./layout.js";

/** The forward pass of GPT-2. Activations are [batch * sequence, n] throughout. */
export function gpt2Model(config: Gpt2Config, className: string): Model {
  const options: TransformerStackOptions = {
    names: layerNames,
    layers: config.n_layer,
    norm: "pre",
    storage: "in-out",
    heads: config.n_head,
    epsilon: config.layer_norm_epsilon,
    activation: (x) => activate(x, config.activation_function),
    dropout: { attention: config.attn_pdrop, branch: config.resid_pdrop },
  };
  const headScale = config.scale_attn_weights ? Math.sqrt(config.n_head / config.n_embd) : 1;
  const scaleOf = (layer: number): number =>
    config.scale_attn_by_inverse_layer_idx ? headScale / (layer + 1) : headScale;
  /** Input of the first layer, then the output of every layer, each [batch * sequence, n_embd]. */
  const states = (p: Parameters, given: Batch): readonly tf.Tensor2D[] => {
    const [batch, sequence] = inputIds(given).shape;
    const mask = decoderMask(given);
    // token types, where there are some, are looked up among the words
    const type = given["token_type_ids"] && embeddingNames.word;
    const embedded = textEmbeddings(p, { ...embeddingNames, type }, given);
    const x = dropout(p, embedded, config.embd_pdrop);
    return transformerStates(p, x, options, (layer) => ({
      batch,
      sequence,
      mask,
      scale: scaleOf(layer),
    }));
  };
  const head = config.tie_word_embeddings ? headNames.embedding : headNames.head;
  return causalDecoder(readoutOf(className), config, {
    states,
    finish: (p, x) => normalise(p, finalNorm, x, config.layer_norm_epsilon),
    readout: (p, x) => dense(x, p.get(head)),
    classHead: headNames.classHead,
    sizes: {
      vocabulary: config.vocab_size,
      positions: config.n_positions,
      types: config.vocab_size,
    },
    padding: config.pad_token_id,
  });
}
