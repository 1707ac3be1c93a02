import { readValue, refuseNamedFile } from "@ligo/sdk/settings";
import type { Comparison, DownstreamTask } from "../comparison.js";
import { parseComparison, parseDownstream } from "./parse-comparison.js";

/**
 * Reads the recipe file of a comparison, JSON or YAML; paths in it are taken from its folder where they exist there. Throws
 * `sdk/recipe-missing`, `sdk/recipe-not-json`, `sdk/file-names-code` for an `architecture` that is no package name, and what
 * {@link parseComparison} throws.
 *
 * @param over an architecture in the place of the recipe's; it may be a path
 */
export async function readComparison(
  file: string,
  { architecture }: Pick<Comparison, "architecture"> = {},
): Promise<Comparison> {
  const comparison = parseComparison(await readValue(file), file);
  refuseNamedFile(file, comparison.architecture, architecture);
  return architecture === undefined ? comparison : { ...comparison, architecture };
}

/** Reads a file with a list of tasks as a recipe has them under `downstream`. Throws as {@link readComparison}. */
export async function readDownstream(file: string): Promise<readonly DownstreamTask[]> {
  return parseDownstream(await readValue(file), file);
}
