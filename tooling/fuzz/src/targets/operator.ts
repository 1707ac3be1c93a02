import { join } from "node:path";
import { grow } from "@ligo/sdk";
import { inputOf } from "../input.js";
import { holds, type Target } from "../target.js";
import { ARCHITECTURES, writeBert } from "./models.js";
import { readFile } from "node:fs/promises";

const NAME = "operator.safetensors";
const TO = { hidden_size: 12, num_hidden_layers: 3, num_attention_heads: 3, intermediate_size: 24 };
const architectures = ARCHITECTURES;

/** Operators that a model is grown by. */
export const operator: Target = {
  name: "operator",
  weight: 4,
  async prepare(material) {
    const small = await writeBert(join(material, "small"));
    const inputs = [];
    for (const method of ["stack", "net2net", "aki"] as const) {
      const out = join(material, `grown-${method}`);
      await grow(small, { to: TO, method, out, architectures });
      inputs.push(inputOf({ [NAME]: await readFile(join(out, NAME)) }));
    }
    return inputs;
  },
  open: async (material) => ({
    async read(folder) {
      const file = join(folder, NAME);
      const grown = await grow(join(material, "small"), { to: TO, operator: file, architectures });
      let tensors = 0;
      for (const [name, { data }] of grown.tensors) {
        const values = data as Float32Array;
        holds(
          values.every(Number.isFinite),
          () => `${name} was grown to numbers that are not finite`,
        );
        tensors++;
      }
      return { tensors };
    },
  }),
};
