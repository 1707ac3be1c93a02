import { readFile } from "node:fs/promises";
import { parseJson, renderJson, type ExtraFile } from "@ligo/checkpoint";
import type { Context } from "../context.js";
import type { Task } from "../tasks/task.js";
import type { Growth } from "./open-growth.js";

/** The config of a module of sentence-transformers: `1_Pooling/config.json`. */
const MODULE_CONFIG = /^\d+_[\w-]+\/config\.json$/;
/** Keys of such configs that say how many numbers of a text the module reads, and holds weights for. */
const WIDTHS_OF_WEIGHTS = ["in_features", "dimension"];

/**
 * Files that go beside a grown model's weights: those of the source and of the data. `word_embedding_dimension` of pooling follows
 * the width; a module whose own weights read the old width is told.
 */
export async function grownCompanions(
  { source, target }: Growth,
  task: Task | undefined,
  { emit }: Pick<Context, "emit">,
): Promise<readonly ExtraFile[]> {
  const files = await source.companions(task?.files);
  const [reads, given] = [source.spec, target].map(({ layout }) => layout.spaces["embed"]?.size);
  if (reads === undefined || given === undefined || reads === given) return files;
  return Promise.all(
    files.map(async (file) => {
      if (!MODULE_CONFIG.test(file.name)) return file;
      const config = await readModule(file);
      if (WIDTHS_OF_WEIGHTS.some((key) => config[key] === reads)) {
        emit({ type: "warning", code: "module-width", file: file.name, reads, given });
      }
      if (config["word_embedding_dimension"] !== reads) return file;
      const grown = { ...config, word_embedding_dimension: given };
      return { name: file.name, contents: renderJson(grown) };
    }),
  );
}

/** Empty where the file is no JSON object: then nothing in it can follow. */
async function readModule(file: ExtraFile): Promise<Readonly<Record<string, unknown>>> {
  const contents = "contents" in file ? file.contents : await readFile(file.path);
  try {
    const value = parseJson(contents, { spelling: true });
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
