/** Sizes and schedules of one architecture: trained small, then grown. */
export interface ArchitectureRecipe {
  readonly name: string;
  readonly data: "text" | "images";
  /** `config.json` of the small model; of text without `vocab_size`, which the tokenizer says. */
  readonly small: Readonly<Record<string, unknown>>;
  /** Name of the architecture whose tokenizer is taken. Default: its own. */
  readonly tokenizer?: string;
  /** The keys that change in growth. */
  readonly large: Readonly<Record<string, unknown>>;
  /** Name of the architecture whose small model teaches this one; it comes earlier in the list. */
  readonly teacher?: string;
  readonly training: {
    readonly steps: number;
    readonly batch: number;
    readonly learningRate: number;
  };
  readonly growth: {
    readonly steps: number;
    readonly batch: number;
  };
}

/** Tokens of a sequence. */
export const SEQUENCE = 128;

const text = {
  training: { steps: 400, batch: 32, learningRate: 2e-3 },
  growth: { steps: 100, batch: 32 },
} as const;

const images = {
  training: { steps: 600, batch: 64, learningRate: 1e-3 },
  growth: { steps: 100, batch: 64 },
} as const;

/** Half of the data: those that came later were run on a machine with less time. */
const shorter = {
  text: {
    training: { steps: 200, batch: 16, learningRate: 2e-3 },
    growth: { steps: 60, batch: 16 },
  },
  images: {
    training: { steps: 300, batch: 32, learningRate: 1e-3 },
    growth: { steps: 60, batch: 32 },
  },
} as const;

const large = {
  hidden_size: 192,
  num_hidden_layers: 6,
  num_attention_heads: 6,
  intermediate_size: 768,
};
const small = {
  hidden_size: 128,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  intermediate_size: 512,
};
const classes = {
  image_size: 32,
  patch_size: 4,
  num_channels: 3,
  hidden_act: "gelu",
  id2label: Object.fromEntries(
    [
      "airplane",
      "automobile",
      "bird",
      "cat",
      "deer",
      "dog",
      "frog",
      "horse",
      "ship",
      "truck",
    ].entries(),
  ),
};

/** Heads share keys and values in pairs; the head that predicts is the embedding. */
const decoder = {
  tokenizer: "gpt2",
  small: {
    hidden_size: 128,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    intermediate_size: 352,
    max_position_embeddings: SEQUENCE,
    tie_word_embeddings: true,
  },
  large: {
    hidden_size: 192,
    num_hidden_layers: 6,
    num_attention_heads: 6,
    num_key_value_heads: 3,
    intermediate_size: 528,
  },
} as const;

/** Small enough for two cores and a few minutes each; the heads of all keep their size of 32. */
export const ARCHITECTURES: readonly ArchitectureRecipe[] = [
  {
    name: "bert",
    data: "text",
    small: {
      model_type: "bert",
      architectures: ["BertForMaskedLM"],
      ...small,
      max_position_embeddings: SEQUENCE,
    },
    large,
    ...text,
  },
  {
    name: "roberta",
    data: "text",
    small: {
      model_type: "roberta",
      architectures: ["RobertaForMaskedLM"],
      ...small,
      // positions are counted from pad_token_id + 1
      max_position_embeddings: SEQUENCE + 2,
      pad_token_id: 1,
      type_vocab_size: 1,
      layer_norm_eps: 1e-5,
    },
    large,
    ...text,
  },
  {
    name: "gpt2",
    data: "text",
    small: {
      model_type: "gpt2",
      architectures: ["GPT2LMHeadModel"],
      n_embd: 128,
      n_layer: 3,
      n_head: 4,
      n_positions: SEQUENCE,
    },
    large: { n_embd: 192, n_layer: 6, n_head: 6 },
    ...text,
  },
  {
    name: "llama",
    data: "text",
    tokenizer: decoder.tokenizer,
    small: { model_type: "llama", architectures: ["LlamaForCausalLM"], ...decoder.small },
    large: decoder.large,
    ...shorter.text,
  },
  {
    name: "qwen3",
    data: "text",
    tokenizer: decoder.tokenizer,
    small: {
      model_type: "qwen3",
      architectures: ["Qwen3ForCausalLM"],
      head_dim: 32,
      ...decoder.small,
    },
    large: decoder.large,
    ...shorter.text,
  },
  {
    name: "vit",
    data: "images",
    small: {
      model_type: "vit",
      architectures: ["ViTForImageClassification"],
      ...small,
      ...classes,
    },
    large,
    ...images,
  },
  {
    name: "deit",
    data: "images",
    small: {
      model_type: "deit",
      architectures: ["DeiTForImageClassificationWithTeacher"],
      ...small,
      ...classes,
    },
    large,
    teacher: "vit",
    ...images,
  },
  {
    name: "dinov2",
    data: "images",
    small: {
      model_type: "dinov2",
      architectures: ["Dinov2ForImageClassification"],
      hidden_size: 128,
      num_hidden_layers: 3,
      num_attention_heads: 4,
      ...classes,
    },
    large: { hidden_size: 192, num_hidden_layers: 6, num_attention_heads: 6 },
    ...shorter.images,
  },
];
