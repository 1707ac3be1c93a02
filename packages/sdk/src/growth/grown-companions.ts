import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RawConfig } from "@ligo/core";
import { parseJson, renderJson, TOKENIZER_FILES, type ExtraFile } from "@ligo/checkpoint";
import type { Context } from "../context.js";
import type { Task } from "../tasks/task.js";
import { tokenizerFiles } from "../tasks/tokenizer-files.js";
import type { Growth } from "./open-growth.js";
import { grownPositions, grownProcessor } from "./position-companions.js";
import { movedIds } from "./special-tokens.js";

/** The config of a module of sentence-transformers: `1_Pooling/config.json`. */
const MODULE_CONFIG = /^\d+_[\w-]+\/config\.json$/;
/** Keys of such configs that say how many numbers of a text the module reads, and holds weights for. */
const WIDTHS_OF_WEIGHTS = ["in_features", "dimension"];

/** A change of a file's keys; those that stay are not there. */
type Change = (config: RawConfig, file: string) => RawConfig;

/**
 * Files that go beside a grown model's weights: those of the source and of the data, or of the tokenizer that the vocabulary grows
 * to. What they say of sizes and tokens follows: `word_embedding_dimension` of pooling, special tokens of `generation_config.json`,
 * sizes of images and longest texts. A module whose own weights read the old width is told.
 */
export async function grownCompanions(
  growth: Growth,
  task: Task | undefined,
  { emit }: Pick<Context, "emit">,
): Promise<readonly ExtraFile[]> {
  const { rows, source, target, tokenizers } = growth;
  const files = await source.companions(givenTokenizer(growth) ?? task?.files);
  const changeOf = (name: string): Change | undefined => {
    if (MODULE_CONFIG.test(name)) return moduleChange(growth, emit);
    if (name === "generation_config.json" && tokenizers !== undefined)
      return (config) => movedIds(config, tokenizers);
    if (name === "preprocessor_config.json")
      return (config) => grownProcessor(config, source.spec.layout, target.layout);
    return name === "tokenizer_config.json" ? (config) => grownPositions(config, rows) : undefined;
  };
  return Promise.all(
    files.map(async (file) => {
      const change = changeOf(file.name);
      return change === undefined ? file : changed(file, change);
    }),
  );
}

/** The files of a tokenizer that the vocabulary grows to: also those that only others read, which lie beside it. */
function givenTokenizer({ tokenizers }: Growth): readonly ExtraFile[] | undefined {
  if (tokenizers === undefined) return undefined;
  const files = tokenizerFiles(tokenizers.now);
  const folder = dirname(tokenizers.now.files[0] ?? "");
  const names = new Set(files.map(({ name }) => name));
  const further = TOKENIZER_FILES.filter(
    (name) => !names.has(name) && existsSync(join(folder, name)),
  );
  return [...files, ...further.map((name) => ({ name, path: join(folder, name) }))];
}

/** A file with other values of some keys; itself where none is another. */
async function changed(file: ExtraFile, change: Change): Promise<ExtraFile> {
  const config = await readKeys(file);
  const others = Object.entries(change(config, file.name)).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(config[key]),
  );
  if (others.length === 0) return file;
  return {
    name: file.name,
    contents: renderJson({ ...config, ...Object.fromEntries(others) }),
  };
}

function moduleChange({ source, target }: Growth, emit: Context["emit"]): Change | undefined {
  const [reads, given] = [source.spec, target].map(({ layout }) => layout.spaces["embed"]?.size);
  if (reads === undefined || given === undefined || reads === given) return undefined;
  return (config, file) => {
    if (WIDTHS_OF_WEIGHTS.some((key) => config[key] === reads)) {
      emit({ type: "warning", code: "module-width", file, reads, given });
    }
    return config["word_embedding_dimension"] === reads ? { word_embedding_dimension: given } : {};
  };
}

/** Empty where the file is no JSON object: then nothing in it can follow. */
async function readKeys(file: ExtraFile): Promise<RawConfig> {
  const contents = "contents" in file ? file.contents : await readFile(file.path);
  try {
    const value = parseJson(contents, { spelling: true });
    return typeof value === "object" && value !== null ? (value as RawConfig) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
