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
