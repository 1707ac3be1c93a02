import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { RawConfig } from "@ligo/core";
import { inspect, plan } from "@ligo/sdk";
import { inContext, openModel } from "@ligo/sdk/models";
import { inputOf, readInput } from "../input.js";
import { holds, type Target } from "../target.js";
import { ARCHITECTURES, CONFIGS, writeModel } from "./models.js";

const architectures = ARCHITECTURES;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** A checkpoint's `config.json`, and the weights it describes. */
export const config: Target = {
  name: "config",
  weight: 14,
  changes: (name) => name === "config.json",
  async prepare(material) {
    const inputs = CONFIGS.map((one, index) => ({
      one,
      folder: join(material, `config-${index}`),
    }));
    for (const { folder, one } of inputs) await writeModel(folder, one);
    return inputs.map(({ folder }) => readInput(folder));
  },
  open: async () => ({
    async read(folder) {
      const inspected = await inspect(folder, { architectures });
      if (inspected.kind === "draft") return { draft: inspected.class };
      for (const { name, shape } of inspected.parameters) {
        holds(shape.every(isCount), () => `${name} has the shape [${shape.join(", ")}]`);
      }
      return inContext({ architectures }, async (context) => {
        const model = await openModel(folder, context);
        try {
          const weights = await model.readAll();
          for (const [name, values] of weights) {
            holds(values.length > 0, () => `${name} has no values`);
          }
          return { class: model.spec.className, tensors: weights.size };
        } finally {
          await model.close();
        }
      });
    },
  }),
};

/** Keys that models of some families are grown to. */
const GROWTHS: Readonly<Record<string, readonly object[]>> = {
  bert: [
    { num_hidden_layers: 4 },
    { hidden_size: 12, num_hidden_layers: 3, num_attention_heads: 3, intermediate_size: 24 },
  ],
  gpt2: [{ n_embd: 12, n_layer: 3, n_head: 3 }],
  llama: [
    { num_hidden_layers: 3, hidden_size: 24, num_attention_heads: 12, intermediate_size: 20 },
  ],
  vit: [{ num_hidden_layers: 3, intermediate_size: 24 }],
};

const configOf = (family: string): RawConfig =>
  CONFIGS.find((one) => one["model_type"] === family) ?? {};

/** What a model is grown to: some keys, or a whole config. The file is called as the family is. */
export const target: Target = {
  name: "to",
  weight: 12,
  async prepare(material) {
    const inputs = [];
    for (const [family, growths] of Object.entries(GROWTHS)) {
      const config = configOf(family);
      await writeModel(join(material, family), config);
      for (const keys of growths) {
        inputs.push(inputOf({ [`${family}.json`]: keys }));
        inputs.push(inputOf({ [`${family}.json`]: { ...config, ...keys } }));
      }
    }
    return inputs;
  },
  open: async (material) => ({
    async read(folder) {
      const [name = ""] = await readdir(folder);
      const source = join(material, name.slice(0, -".json".length));
      const report = await plan(source, { to: join(folder, name), architectures });
      const { parameters, tensors } = report;
      const total = tensors.reduce(
        (sum, { layers, shape }) => sum + layers * shape.reduce((all, size) => all * size, 1),
        0,
      );
      holds(isCount(parameters.target), () => `${parameters.target} parameters`);
      holds(
        total >= parameters.target,
        () => `${total} numbers for ${parameters.target} parameters`,
      );
      return { parameters: parameters.target };
    },
  }),
};
