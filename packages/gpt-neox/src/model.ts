import { fillLayer, rotaryFrequencies } from "@ligo/core/layout";
import {
  activate,
  addBranch,
  causalDecoder,
  decoderMask,
  dense,
  dropout,
  embedding,
  inputIds,
  layerStates,
  mlp,
  normalise,
  preNormLayer,
  rotaryTables,
  rotate,
  selfAttention,
  tablesAt,
  type Batch,
  type Model,
  type Parameters,
  type RotaryTables,
  type TransformerLayer,
  type TransformerLayerInputs,
  type TransformerLayerOptions,
} from "@ligo/nn";
import type * as tf from "@ligo/tfjs";
import { rotaryOf, type GptNeoXConfig } from "./config.js";
import { finalNorm, headNames, layerNames, readoutOf } from "./layout.js";

/** A layer whose two branches both read what comes into it: [batch * sequence, n] to the same. */
const parallelLayer: TransformerLayer = (p, layer, x, options, inputs) => {
  const [first, second] = inputs.branchScales ?? [];
  const norm = (name: string): tf.Tensor2D =>
    normalise(p, fillLayer(name, layer), x, options.epsilon);
  const attended = selfAttention(p, layer, norm(layerNames.attentionNorm), options, inputs);
  const inner = mlp(p, layer, norm(layerNames.mlpNorm), options);
  return addBranch(inner, addBranch(attended, x, first), second);
};

/** Inputs of a layer, queries and keys turned by the positions of its tokens. */
function turned(
  inputs: TransformerLayerInputs,
  tables: RotaryTables,
  scale: number | undefined,
): TransformerLayerInputs {
  const own = tablesAt(tables, inputs);
  return {
    ...inputs,
    prepare: (x) => rotate(x, own),
    ...(scale === undefined ? {} : { branchScales: [scale, scale] }),
  };
}

/** The forward pass of GPT-NeoX. Activations are [batch * sequence, n] throughout. */
export function gptNeoXModel(config: GptNeoXConfig, className: string): Model {
  const epsilon = config.layer_norm_eps;
  const options: TransformerLayerOptions = {
    names: layerNames,
    heads: config.num_attention_heads,
    interleaved: true,
    epsilon,
    activation: (x) => activate(x, config.hidden_act),
    dropout: { attention: config.attention_dropout, branch: config.hidden_dropout },
  };
  const one = config.use_parallel_residual ? parallelLayer : preNormLayer;
  const speeds = rotaryFrequencies(rotaryOf(config));
  /** Input of the first layer, then the output of every layer, each [batch * sequence, hidden]. */
  const states = (p: Parameters, given: Batch): readonly tf.Tensor2D[] => {
    const ids = inputIds(given);
    const [batch, sequence] = ids.shape;
    const mask = decoderMask(given);
    const tables = rotaryTables(speeds, sequence);
    const x = dropout(
      p,
      embedding(ids.flatten(), p.get(headNames.embedding)),
      config.hidden_dropout,
    );
    return layerStates<TransformerLayerInputs>(
      p,
      x,
      {
        layers: config.num_hidden_layers,
        run: (layer, state, own, scale) =>
          one(p, layer, state, options, turned(own, tables, scale)),
      },
      { batch, sequence, mask },
    );
  };
  const head = config.tie_word_embeddings ? headNames.embedding : headNames.head;
  return causalDecoder(readoutOf(className), config, {
    states,
    finish: (p, x) => normalise(p, finalNorm, x, epsilon),
    readout: (p, x) => dense(x, p.get(head)),
    classHead: headNames.classHead,
    sizes: { vocabulary: config.vocab_size, positions: config.max_position_embeddings },
    padding: config.pad_token_id,
  });
}
