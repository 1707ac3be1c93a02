import { bert } from "@ligo/bert";
import { checkConfig, type Architecture, type Layout, type RawConfig } from "@ligo/core";
import { activationBytes, largestBatch } from "@ligo/core/cost";
import { gpt2 } from "@ligo/gpt2";
import { llama } from "@ligo/llama";
import { qwen2, qwen3 } from "@ligo/qwen";
import { describe, expect, it } from "vitest";

const layoutOf = <Config extends RawConfig>(
  architecture: Architecture<Config>,
  className: string,
  config: RawConfig,
): Layout => architecture.layout(checkConfig(architecture, config), className);

const [WIDTH, LAYERS, HEADS, INNER, VOCABULARY] = [256, 6, 4, 1024, 4000];

const LLAMA = layoutOf(llama, "LlamaForCausalLM", {
  model_type: "llama",
  hidden_size: WIDTH,
  num_hidden_layers: LAYERS,
  num_attention_heads: HEADS,
  num_key_value_heads: 2,
  intermediate_size: INNER,
  vocab_size: VOCABULARY,
  tie_word_embeddings: true,
});

const GPT2 = layoutOf(gpt2, "GPT2LMHeadModel", {
  model_type: "gpt2",
  n_embd: WIDTH,
  n_layer: LAYERS,
  n_head: HEADS,
  vocab_size: VOCABULARY,
  n_positions: 2048,
});

const BERT = layoutOf(bert, "BertForMaskedLM", {
  model_type: "bert",
  hidden_size: WIDTH,
  num_hidden_layers: LAYERS,
  num_attention_heads: HEADS,
  intermediate_size: INNER,
  vocab_size: VOCABULARY,
  max_position_embeddings: 2048,
});

const ofSequence = (layout: Layout, sequence: number): ReturnType<typeof activationBytes> =>
  activationBytes(layout, { tokens: sequence, sequence, labelledFraction: 1 });

describe("the activations of a step", () => {
  it("are counted as by hand", () => {
    const sequence = 256;
    // two norms, queries with two heads of keys and values, context; gate, up, activation, product; scores; logits three times
    const layer = 4 * WIDTH + 2 * WIDTH + WIDTH + 4 * INNER + HEADS * sequence;
    const logits = 3 * VOCABULARY;
    const bytes = (floats: number): number => 1.25 * 4 * sequence * floats;
    expect(ofSequence(LLAMA, sequence)).toEqual({
      kept: bytes(LAYERS * layer + logits),
      recomputed: bytes(LAYERS * WIDTH + layer + logits),
    });
  });

  it("count norms of heads as wide as all heads", () => {
    const config = {
      hidden_size: WIDTH,
      num_hidden_layers: 1,
      num_attention_heads: HEADS,
      num_key_value_heads: HEADS,
      head_dim: 64,
      intermediate_size: INNER,
      vocab_size: VOCABULARY,
    };
    const plain = layoutOf(qwen2, "Qwen2ForCausalLM", { ...config, model_type: "qwen2" });
    const normed = layoutOf(qwen3, "Qwen3ForCausalLM", { ...config, model_type: "qwen3" });
    // input and output of both norms
    expect(ofSequence(normed, 8).kept - ofSequence(plain, 8).kept).toBe(1.25 * 4 * 8 * 4 * WIDTH);
  });

  // Growth of the peak of a process by a sequence more, of steps with AdamW on `onnx` (two cores with AVX-512): MB
  it.each([
    ["Llama", LLAMA, 256, 65, 21],
    ["Llama", LLAMA, 1024, 338, 124],
    ["GPT-2", GPT2, 256, 64, 25],
    ["BERT", BERT, 256, 57, 24],
  ])("of %s are near what was measured", (_, layout, sequence, kept, recomputed) => {
    const estimate = ofSequence(layout, sequence);
    expect(estimate.kept / (kept * 1e6)).toBeGreaterThan(0.9);
    expect(estimate.kept / (kept * 1e6)).toBeLessThan(1.2);
    expect(estimate.recomputed / (recomputed * 1e6)).toBeGreaterThan(0.9);
    expect(estimate.recomputed / (recomputed * 1e6)).toBeLessThan(1.3);
  });
});

it("The largest batch leaves a tenth of the device, and may be none", () => {
  expect(largestBatch(1000, 400, 100)).toBe(5);
  expect(largestBatch(1000, 890, 100)).toBe(0);
  expect(largestBatch(1000, 2000, 100)).toBe(0);
});
