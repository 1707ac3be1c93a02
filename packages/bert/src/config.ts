import { z } from "zod";

const size = z.number().int().positive();
const probability = z.number().min(0).max(1);

/** What LiGO reads of a BERT `config.json`; every other key is kept as it is. */
export const bertConfig = z
  .looseObject({
    model_type: z.literal("bert"),
    architectures: z.array(z.string()).nullish(),
    vocab_size: size.default(30522),
    hidden_size: size.default(768),
    num_hidden_layers: size.default(12),
    num_attention_heads: size.default(12),
    intermediate_size: size.default(3072),
    hidden_act: z.enum(["gelu", "gelu_new", "gelu_pytorch_tanh"]).default("gelu"),
    hidden_dropout_prob: probability.default(0.1),
    attention_probs_dropout_prob: probability.default(0.1),
    max_position_embeddings: size.default(512),
    type_vocab_size: size.default(2),
    initializer_range: z.number().positive().default(0.02),
    layer_norm_eps: z.number().positive().default(1e-12),
    pad_token_id: z.number().int().nullish(),
    position_embedding_type: z.literal("absolute", "LiGO grows BERT with absolute positions only").optional(),
    is_decoder: z.literal(false, "LiGO grows BERT encoders only").optional(),
    add_cross_attention: z.literal(false, "LiGO grows BERT encoders only").optional(),
    tie_word_embeddings: z.boolean().default(true),
    id2label: z.record(z.string(), z.string()).optional(),
    num_labels: size.optional(),
  })
  .refine((config) => config.hidden_size % config.num_attention_heads === 0, {
    error: ({ input }) => {
      const config = input as { hidden_size: number; num_attention_heads: number };
      return `hidden_size ${config.hidden_size} is not a multiple of num_attention_heads ${config.num_attention_heads}`;
    },
    path: ["num_attention_heads"],
  });

export type BertConfig = z.infer<typeof bertConfig>;

/** Number of classes of a sequence classifier: `id2label`, else `num_labels`, else Hugging Face's default 2. */
export function labelCount(config: BertConfig): number {
  return config.id2label ? Object.keys(config.id2label).length : (config.num_labels ?? 2);
}
