import { join } from "node:path";
import { TINY_CONFIG, TINY_TARGET, tinyConfig } from "@ligo/vitest/tiny-model";

/** A recipe as a caller writes it. */
export type Recipe = Readonly<Record<string, unknown>>;

/** Keys of a target for the tiny source. */
export const TARGET: Recipe = JSON.parse(TINY_TARGET) as Recipe;

/** A recipe that needs no files to be parsed. */
export const RECIPE: Recipe = {
  source: "small",
  to: TARGET,
  data: "texts",
  training: { steps: 6, batch: 8 },
  methods: ["stack", "ligo"],
};

/** A recipe of a comparison that takes a second or two, with its text and tokenizer in a folder. */
export async function tinyRecipe(folder: string, changes: Recipe = {}): Promise<Recipe> {
  const { text } = await tinyConfig(join(folder, "start"));
  const training = { batch: 4, sequence: 8, learningRate: 1e-2, warmup: 1 };
  return {
    source: { config: TINY_CONFIG, training: { ...training, steps: 2 } },
    to: TARGET,
    data: text,
    tokenizer: join(folder, "start"),
    cache: false,
    heldOut: 8,
    engine: "reference",
    training: { ...training, steps: 3, evaluateEvery: 1 },
    growth: { steps: 2, warmup: 1, rank: 2 },
    references: ["scratch"],
    methods: ["stack", "ligo"],
    ...changes,
  };
}
