import { bert } from "@ligo/bert";
import { cait } from "@ligo/cait";
import { writeCheckpoint } from "@ligo/checkpoint";
import { checkConfig, type Architecture, type RawConfig } from "@ligo/core";
import { writtenTensors } from "@ligo/core/layout";
import { trainWordPiece, writeTokenizer, type TokenizerFile } from "@ligo/data";
import { deit } from "@ligo/deit";
import { dinov2, dinov2WithRegisters } from "@ligo/dinov2";
import { gemma2, gemma3 } from "@ligo/gemma";
import { gptNeoX } from "@ligo/gpt-neox";
import { gpt2 } from "@ligo/gpt2";
import { llama } from "@ligo/llama";
import { modernBert } from "@ligo/modernbert";
import { qwen2, qwen3 } from "@ligo/qwen";
import { roberta } from "@ligo/roberta";
import { initialWeights } from "@ligo/train";
import { vit } from "@ligo/vit";
import { repositoryFile } from "../repository.js";

export const ARCHITECTURES: readonly Architecture[] = [
  bert,
  roberta,
  gpt2,
  vit,
  deit,
  cait,
  llama,
  qwen2,
  qwen3,
  gemma2,
  gemma3,
  gptNeoX,
  modernBert,
  dinov2,
  dinov2WithRegisters,
];

const TEXT_SIZES = {
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 16,
  max_position_embeddings: 16,
  vocab_size: 60,
};

const IMAGE_SIZES = {
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 16,
  image_size: 8,
  patch_size: 4,
  num_channels: 3,
  id2label: { "0": "cat", "1": "dog" },
  label2id: { cat: 0, dog: 1 },
};

/** Configs of small models that transformers wrote. */
const RECORDED: readonly RawConfig[] = [
  "llama/src/__fixtures__/llama3-positions",
  "llama/src/__fixtures__/MistralForCausalLM",
  "qwen/src/__fixtures__/qwen2/Qwen2ForCausalLM",
  "qwen/src/__fixtures__/qwen3/Qwen3ForCausalLM",
  "gemma/src/__fixtures__/gemma2/Gemma2ForCausalLM",
  "gemma/src/__fixtures__/gemma3/Gemma3ForCausalLM",
  "gpt-neox/src/__fixtures__/GPTNeoXForCausalLM",
  "modernbert/src/__fixtures__/ModernBertForMaskedLM",
  "dinov2/src/__fixtures__/Dinov2ForImageClassification",
  "dinov2/src/__fixtures__/Dinov2WithRegistersForImageClassification",
].map(
  (folder) =>
    JSON.parse(
      Buffer.from(repositoryFile(`packages/${folder}/config.json`)).toString(),
    ) as RawConfig,
);

/** Configs of small models, one or two an architecture. */
export const CONFIGS: readonly RawConfig[] = [
  {
    ...TEXT_SIZES,
    model_type: "bert",
    architectures: ["BertForMaskedLM"],
    hidden_act: "gelu",
    initializer_range: 0.02,
    layer_norm_eps: 1e-12,
    tie_word_embeddings: true,
    pad_token_id: 0,
  },
  {
    ...TEXT_SIZES,
    model_type: "bert",
    architectures: ["BertForSequenceClassification"],
    id2label: { "0": "no", "1": "yes" },
    label2id: { no: 0, yes: 1 },
    problem_type: "single_label_classification",
  },
  {
    ...TEXT_SIZES,
    model_type: "roberta",
    architectures: ["RobertaForMaskedLM"],
    pad_token_id: 1,
    type_vocab_size: 1,
  },
  {
    model_type: "gpt2",
    architectures: ["GPT2LMHeadModel"],
    n_embd: 8,
    n_head: 2,
    n_layer: 2,
    n_positions: 16,
    vocab_size: 60,
    activation_function: "gelu_new",
  },
  { ...IMAGE_SIZES, model_type: "vit", architectures: ["ViTForImageClassification"] },
  { ...IMAGE_SIZES, model_type: "deit", architectures: ["DeiTForImageClassificationWithTeacher"] },
  {
    model_type: "cait",
    architectures: ["Cait"],
    embed_dim: 8,
    depth: 2,
    num_heads: 2,
    depth_token_only: 1,
    mlp_ratio: 2,
    mlp_ratio_token_only: 2,
    img_size: 8,
    patch_size: 4,
    in_chans: 3,
    num_classes: 2,
  },
  ...RECORDED,
];

/** Writes a checkpoint with random weights. */
export async function writeModel(
  folder: string,
  config: RawConfig,
  maxShardBytes?: number,
): Promise<void> {
  const found = ARCHITECTURES.find(({ modelTypes }) =>
    modelTypes.includes(String(config["model_type"])),
  );
  const architecture = found ?? bert;
  const [className = ""] = config["architectures"] as readonly string[];
  const layout = architecture.layout(checkConfig(architecture, config), className);
  const weights = initialWeights(layout, { seed: 3, deviation: 0.3 });
  await writeCheckpoint(folder, {
    config,
    dtype: "F32",
    ...(maxShardBytes === undefined ? {} : { maxShardBytes }),
    tensors: writtenTensors(layout).map(({ name, source, shape }) => ({
      name,
      shape,
      data: () => weights.get(source) ?? new Float32Array(0),
    })),
  });
}

const WORDS = "the a cat dog bird sees chases hears 12 7 caf\u00e9 \u4e2d\u6587 naïve don't".split(
  " ",
);

/** Lines of text with something of everything in it. */
export const TEXT: string = Array.from(
  { length: 60 },
  (_, line) => `${WORDS[line % 3]} ${WORDS[(line * 7) % 11]} ${WORDS[(line * 5) % WORDS.length]} .`,
).join("\n");

/** A word-piece tokenizer of {@link TEXT}. */
export const wordPieces = (): TokenizerFile => trainWordPiece([TEXT], { vocabularySize: 60 });

/** A small BERT with its tokenizer; returns its folder. */
export async function writeBert(folder: string): Promise<string> {
  await writeModel(folder, CONFIGS[0] ?? {});
  await writeTokenizer(wordPieces(), folder);
  return folder;
}
