// Trains a small GPT-2, grows it in memory to twice the width and depth, and judges both. Nothing but the toy text is written.
//   node examples/grow-in-memory.ts
import { gpt2 } from "@ligo/gpt2";
import { evaluate, grow, train } from "@ligo/sdk";
import { smallGpt2, toyData } from "./toy.ts";

const { data, tokenizer, vocabulary } = await toyData();
const settings = { data, tokenizer, batch: 8, sequence: 16, architectures: [gpt2] };

const small = await train(
  { config: smallGpt2(vocabulary) },
  { ...settings, steps: 30, learningRate: 1e-2 },
);
const grown = await grow(small, {
  to: { n_embd: 32, n_head: 4, n_layer: 4 },
  method: "lossless-fresh",
  architectures: [gpt2],
});

// a grown model is a model in memory: its tensors, its config, and whatever takes a checkpoint takes it too
const { loss: before } = await evaluate(small, settings);
const { loss: after } = await evaluate(grown, settings);
console.log(`${small.parameters} parameters, held-out loss ${before.toFixed(4)}`);
console.log(`${grown.parameters.target} parameters, held-out loss ${after.toFixed(4)}`);
console.log(grown.keepsFunction ? "The function is kept." : grown.reasons.join("\n"));
console.log(grown.tensors.get("transformer.h.3.attn.c_attn.weight")?.shape);
