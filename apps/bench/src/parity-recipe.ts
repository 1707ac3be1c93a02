/** One training that is run by `ligo train` and by PyTorch. */
export interface ParityCase {
  readonly name: string;
  readonly data: "text" | "images";
  /** Folder below `--tokenizers`. */
  readonly tokenizer?: string;
  /** `config.json`; nothing is left out at random, so that both sides compute the same. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly batch: number;
  readonly learningRate: number;
  /** Ways PyTorch is timed, as flags of `train-torch.py`. The first one is also the one that losses are compared with. */
  readonly peers: Readonly<Record<string, readonly string[]>>;
}

export const PARITY = { steps: 200, warmup: 20, weightDecay: 0.1, clip: 1, sequence: 128, seed: 0 };

const TEXT = { vocab_size: 4096 } as const;

export const PARITY_CASES: readonly ParityCase[] = [
  {
    name: "bert",
    data: "text",
    tokenizer: "bert-wordpiece-4096",
    config: {
      model_type: "bert",
      architectures: ["BertForMaskedLM"],
      ...TEXT,
      hidden_size: 256,
      num_hidden_layers: 4,
      num_attention_heads: 4,
      intermediate_size: 1024,
      max_position_embeddings: 128,
      hidden_dropout_prob: 0,
      attention_probs_dropout_prob: 0,
    },
    batch: 16,
    learningRate: 1e-3,
    peers: { transformers: [], "labelled positions only": ["--labelled-only"] },
  },
  {
    name: "gpt2",
    data: "text",
    tokenizer: "gpt2-bpe-4096",
    config: {
      model_type: "gpt2",
      architectures: ["GPT2LMHeadModel"],
      ...TEXT,
      n_embd: 256,
      n_layer: 4,
      n_head: 4,
      n_positions: 128,
      bos_token_id: 0,
      eos_token_id: 0,
      embd_pdrop: 0,
      attn_pdrop: 0,
      resid_pdrop: 0,
    },
    batch: 4,
    learningRate: 1e-3,
    peers: { transformers: [] },
  },
  {
    name: "vit",
    data: "images",
    config: {
      model_type: "vit",
      architectures: ["ViTForImageClassification"],
      hidden_size: 192,
      num_hidden_layers: 6,
      num_attention_heads: 6,
      intermediate_size: 768,
      image_size: 32,
      patch_size: 4,
      num_channels: 3,
      hidden_act: "gelu",
      hidden_dropout_prob: 0,
      attention_probs_dropout_prob: 0,
    },
    batch: 32,
    learningRate: 1e-3,
    peers: { transformers: [] },
  },
];
