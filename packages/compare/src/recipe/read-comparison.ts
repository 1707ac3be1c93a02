import { readValue } from "@ligo/sdk/settings";
import type { Comparison, DownstreamTask } from "../comparison.js";
import { parseComparison, parseDownstream } from "./parse-comparison.js";

/**
 * Reads the recipe file of a comparison, JSON or YAML; paths in it are taken from its folder where they exist there. Throws
 * `sdk/recipe-missing`, `sdk/recipe-not-json` and what {@link parseComparison} throws.
 */
export async function readComparison(file: string): Promise<Comparison> {
  return parseComparison(await readValue(file), file);
}

/** Reads a file with a list of tasks as a recipe has them under `downstream`. Throws as {@link readComparison}. */
export async function readDownstream(file: string): Promise<readonly DownstreamTask[]> {
  return parseDownstream(await readValue(file), file);
}
