import { join } from "node:path";
import { lazyTensors, openCheckpoint } from "@ligo/checkpoint";
import { readInput } from "../input.js";
import { holds, type Target } from "../target.js";
import { CONFIGS, writeModel } from "./models.js";

const INDEX = "model.safetensors.index.json";

/** Checkpoints in several files: their index, their shards, their config. */
export const shards: Target = {
  name: "shards",
  weight: 14,
  // the index above all: shards are read as other safetensors files are
  kindOf: (name) => (name === INDEX ? "json" : undefined),
  changes: (name) => name === INDEX || name.includes("-00001-"),
  async prepare(material) {
    const folders = CONFIGS.slice(0, 1).map((config) => ({
      config,
      folder: join(material, "shards"),
    }));
    for (const { config, folder } of folders) await writeModel(folder, config, 3000);
    return folders.map(({ folder }) => readInput(folder));
  },
  open: async () => ({
    async read(folder) {
      const checkpoint = await openCheckpoint(folder);
      try {
        const sums: Record<string, number> = {};
        for (const [name, { shape }] of checkpoint.headers) {
          const values = await checkpoint.read(name);
          const count = shape.reduce((all, size) => all * size, 1);
          holds(values.length === count, () => `${name} has ${values.length} values of ${count}`);
          sums[name] = values.reduce((sum, value) => sum + value, 0);
        }
        const lazy = lazyTensors(folder);
        holds(lazy.size === checkpoint.headers.size, () => "the two readers differ in tensors");
        return sums;
      } finally {
        await checkpoint.close();
      }
    },
  }),
};
