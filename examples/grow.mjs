// Grows a BERT: by stacking, in memory, and by a learned operator, into a folder; then judges both on held-out text.
//   node examples/grow.mjs <checkpoint> <config to grow to> <text> <folder>
import { bert } from "@ligo/bert";
import { evaluate, grow } from "@ligo/sdk";

const [from, to, data, out] = process.argv.slice(2);
const architectures = [bert];

const stacked = await grow(from, { to, method: "stack", architectures });
const learned = await grow(from, { to, data, steps: 20, batch: 8, out, architectures });

for (const model of [stacked, learned]) {
  const { loss } = await evaluate(model, { data, architectures });
  const place = model.out ?? `${model.tensors.size} tensors in memory`;
  console.log(`${model.method}: held-out loss ${loss.toFixed(3)}, ${place}`);
}
