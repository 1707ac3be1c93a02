// A growing method of one's own: layers in mirror order, 0 1 2 2 1 0, and units as `stack` copies them.
//   node examples/own-method.ts
import { defineMethod, type Matrix } from "@ligo/core";
import { stack } from "@ligo/core/methods";
import { gpt2 } from "@ligo/gpt2";
import { grow, train } from "@ligo/sdk";
import { smallGpt2, toyData } from "./toy.ts";

/** Depth weights [new, old]: row i has a one in the column of the layer that it copies. */
function mirrored({ columns, rows }: Matrix): Matrix {
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const turn = row % (2 * columns);
    data[row * columns + Math.min(turn, 2 * columns - 1 - turn)] = 1;
  }
  return { rows, columns, data };
}

const mirror = defineMethod({
  name: "mirror",
  says: "Layers in mirror order; units as in `stack`.",
  source: "this example",
  options: {},
  learns: false,
  keepsFunction: () => ({ kept: false, reasons: ["Layers are repeated in mirror order."] }),
  operator(plan, context) {
    const operator = stack.operator(plan, context);
    const tensors = [...operator.tensors].map(
      ([name, matrix]) =>
        [name, /^depth\..*\{i\}/u.test(name) ? mirrored(matrix) : matrix] as const,
    );
    return { ...operator, tensors: new Map(tensors) };
  },
});

const { data, tokenizer, vocabulary } = await toyData();
const settings = { data, tokenizer, batch: 8, sequence: 16, architectures: [gpt2] };
const small = await train({ config: smallGpt2(vocabulary) }, { ...settings, steps: 30 });
const grown = await grow(small, { ...settings, to: { n_layer: 6 }, method: mirror });

const layer = (index: number): string => {
  const tensor = grown.tensors.get(`transformer.h.${index}.mlp.c_fc.weight`);
  return String(tensor?.data.slice(0, 4));
};
console.log(grown.method, grown.losses);
console.log(layer(0) === layer(3) && layer(1) === layer(2) ? "mirrored" : "not mirrored");
