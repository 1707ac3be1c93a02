import type { Config, ExperimentInputs } from "./experiment.js";

/** Layers, width and heads. */
export interface Size {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
}

/** A number of layers, a width, heads. */
export const size = (layers: number, hidden: number, heads: number): Size => ({
  layers,
  hidden,
  heads,
});

function vocabularyOf({ tokenizer }: ExperimentInputs): Config {
  if (tokenizer === undefined) throw new Error("Experiments on text have a tokenizer.");
  const { pad, vocabulary } = tokenizer;
  return { vocab_size: vocabulary, ...(pad === undefined ? {} : { pad_token_id: pad }) };
}

/** The keys that differ between sizes of encoders: of BERT, RoBERTa, ViT, DeiT. */
export function encoderKeys({ heads, hidden, layers }: Size): Config {
  return {
    num_hidden_layers: layers,
    hidden_size: hidden,
    num_attention_heads: heads,
    intermediate_size: 4 * hidden,
  };
}

export function bertModel(from: Size, inputs: ExperimentInputs, positions: number): Config {
  return {
    model_type: "bert",
    architectures: ["BertForMaskedLM"],
    ...encoderKeys(from),
    ...vocabularyOf(inputs),
    max_position_embeddings: positions,
  };
}

export function robertaModel(from: Size, inputs: ExperimentInputs, positions: number): Config {
  const vocabulary = vocabularyOf(inputs);
  const pad = Number(vocabulary["pad_token_id"] ?? 1);
  return {
    model_type: "roberta",
    architectures: ["RobertaForMaskedLM"],
    ...encoderKeys(from),
    ...vocabulary,
    pad_token_id: pad,
    // positions are counted from behind the padding's
    max_position_embeddings: positions + pad + 1,
    type_vocab_size: 1,
    layer_norm_eps: 1e-5,
  };
}

export const gpt2Keys = ({ heads, hidden, layers }: Size): Config => ({
  n_layer: layers,
  n_embd: hidden,
  n_head: heads,
});

export function gpt2Model(from: Size, inputs: ExperimentInputs, positions: number): Config {
  const { pad_token_id: _pad, ...vocabulary } = vocabularyOf(inputs);
  return {
    model_type: "gpt2",
    architectures: ["GPT2LMHeadModel"],
    ...gpt2Keys(from),
    ...vocabulary,
    n_positions: positions,
  };
}

/** Side of images and of their patches. */
export interface ImageKind {
  readonly image: number;
  readonly patch: number;
}

/** Classes by label, in the order of the folders' names. */
const labels = ({ classes = [] }: ExperimentInputs): Config =>
  Object.fromEntries(classes.map((name, label) => [label, name]));

export function deitModel(
  from: Size,
  inputs: ExperimentInputs,
  { image, patch }: ImageKind,
): Config {
  return {
    model_type: "deit",
    architectures: ["DeiTForImageClassification"],
    ...encoderKeys(from),
    image_size: image,
    patch_size: patch,
    num_channels: 3,
    id2label: labels(inputs),
  };
}

export const caitKeys = ({ heads, hidden, layers }: Size): Config => ({
  depth: layers,
  embed_dim: hidden,
  num_heads: heads,
});

export function caitModel(
  from: Size,
  inputs: ExperimentInputs,
  { image, patch }: ImageKind,
): Config {
  return {
    model_type: "cait",
    architectures: ["Cait"],
    ...caitKeys(from),
    img_size: image,
    patch_size: patch,
    num_classes: inputs.classes?.length ?? 0,
    id2label: labels(inputs),
  };
}
