import type { Target } from "../target.js";
import { shards } from "./checkpoint.js";
import { config, target } from "./configs.js";
import { hub } from "./hub.js";
import { imageFolder, imageParquet } from "./images.js";
import { operator } from "./operator.js";
import { comparisons, recipes } from "./recipes.js";
import { finishedRuns, runs } from "./runs.js";
import { safetensors } from "./safetensors.js";
import { parquet, squad, tables, texts } from "./tables.js";
import { tokenCache } from "./token-cache.js";
import { tokenizer } from "./tokenizers.js";

/** Everything that is read from files or answers of others. */
export const TARGETS: readonly Target[] = [
  safetensors,
  shards,
  config,
  target,
  tokenizer,
  operator,
  tokenCache,
  runs,
  finishedRuns,
  parquet,
  imageParquet,
  imageFolder,
  squad,
  tables,
  texts,
  recipes,
  comparisons,
  hub,
];

/** The target of a name. Throws where there is none. */
export function targetNamed(name: string): Target {
  const found = TARGETS.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Error(
    `There is no target ${name}; there are ${TARGETS.map((one) => one.name).join(", ")}.`,
  );
}
