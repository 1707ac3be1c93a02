import { join } from "node:path";
import { inspect, plan } from "@ligo/sdk";
import { inContext, openModel } from "@ligo/sdk/models";
import { inputOf, readInput } from "../input.js";
import { holds, type Target } from "../target.js";
import { ARCHITECTURES, CONFIGS, writeBert, writeModel } from "./models.js";

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

const NAME = "to.json";

/** What a model is grown to: some keys, or a whole config. */
export const target: Target = {
  name: "to",
  weight: 12,
  async prepare(material) {
    await writeBert(join(material, "small"));
    const sizes = {
      hidden_size: 12,
      num_hidden_layers: 3,
      num_attention_heads: 3,
      intermediate_size: 24,
    };
    return [{ num_hidden_layers: 4 }, sizes, { ...CONFIGS[0], ...sizes }].map((keys) =>
      inputOf({ [NAME]: keys }),
    );
  },
  open: async (material) => ({
    async read(folder) {
      const report = await plan(join(material, "small"), { to: join(folder, NAME), architectures });
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
