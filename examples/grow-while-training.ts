// Growth inside a training: a GPT-2 of 2 layers grows to 4 and to 8 on the way, under one schedule and with the optimiser's
// moments going along.
//   node examples/grow-while-training.ts [steps]
import { gpt2 } from "@ligo/gpt2";
import { evaluate, grow, train } from "@ligo/sdk";
import { smallGpt2, toyData } from "./toy.ts";

const total = Number(process.argv[2] ?? 60);
const { data, tokenizer, vocabulary } = await toyData();
const settings = {
  data,
  tokenizer,
  batch: 8,
  sequence: 16,
  architectures: [gpt2],
  learningRate: 3e-3,
  // the rate stays at its peak while the model grows, and falls over the last fifth of all steps
  schedule: "wsd",
  scheduleSteps: total,
  warmup: Math.ceil(total / 10),
  saveMoments: true,
} as const;

const stages = [
  { layers: 2, until: Math.round(total / 4) },
  { layers: 4, until: Math.round(total / 2) },
  { layers: 8, until: total },
];

let model = await train({ config: smallGpt2(vocabulary) }, { ...settings, steps: stages[0].until });
console.log(`${stages[0].layers} layers, step ${model.steps}, loss ${model.loss.toFixed(3)}`);
for (const [index, { layers, until }] of stages.entries()) {
  if (index === 0) continue;
  const stepsBefore = stages[index - 1].until;
  const grown = await grow(model, {
    to: { n_layer: layers },
    method: "zero-block",
    architectures: [gpt2],
  });
  model = await train(grown, { ...settings, stepsBefore, steps: until - stepsBefore });
  console.log(`${layers} layers, step ${until}, loss ${model.loss.toFixed(3)}`);
}
const { loss } = await evaluate(model, { data, tokenizer, architectures: [gpt2], sequence: 16 });
console.log(`held-out loss ${loss.toFixed(3)}`);
