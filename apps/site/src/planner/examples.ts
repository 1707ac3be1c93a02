import type { RawConfig } from "@ligo/core";

/** Sources to try, by the ids that they have on the hub, so that nothing need be fetched. */
export const EXAMPLES: readonly {
  readonly name: string;
  readonly from: string;
  readonly config: RawConfig;
}[] = [
  {
    name: "SmolLM2-135M",
    from: "HuggingFaceTB/SmolLM2-135M",
    config: {
      model_type: "llama",
      architectures: ["LlamaForCausalLM"],
      hidden_size: 576,
      intermediate_size: 1536,
      num_hidden_layers: 30,
      num_attention_heads: 9,
      num_key_value_heads: 3,
      max_position_embeddings: 8192,
      vocab_size: 49152,
      tie_word_embeddings: true,
      torch_dtype: "bfloat16",
    },
  },
  {
    name: "GPT-2",
    from: "openai-community/gpt2",
    config: {
      model_type: "gpt2",
      architectures: ["GPT2LMHeadModel"],
      n_embd: 768,
      n_layer: 12,
      n_head: 12,
      n_positions: 1024,
      vocab_size: 50257,
    },
  },
  {
    name: "BERT-Base",
    from: "google-bert/bert-base-uncased",
    config: {
      model_type: "bert",
      architectures: ["BertForMaskedLM"],
      hidden_size: 768,
      num_hidden_layers: 12,
      num_attention_heads: 12,
      intermediate_size: 3072,
      max_position_embeddings: 512,
      vocab_size: 30522,
    },
  },
  {
    name: "ViT-Small",
    from: "WinKawaks/vit-small-patch16-224",
    config: {
      model_type: "vit",
      architectures: ["ViTForImageClassification"],
      hidden_size: 384,
      num_hidden_layers: 12,
      num_attention_heads: 6,
      intermediate_size: 1536,
      image_size: 224,
      patch_size: 16,
      num_labels: 1000,
    },
  },
];
