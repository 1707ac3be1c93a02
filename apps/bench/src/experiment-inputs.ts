import { existsSync } from "node:fs";
import { mkdir, readdir, rm, stat, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { loadTokenizer, writeTokenizer } from "@ligo/data";
import { writeOutputFolder } from "@ligo/checkpoint";
import type { Experiment, ExperimentInputs, FinishedSource } from "./experiments/experiment.js";
import type { Scale } from "./experiments/scales.js";
import { makeTokenizer } from "./make-tokenizer.js";

/** Word pieces of a tokenizer that is made on the spot. */
const VOCABULARY: Readonly<Record<Scale, number>> = {
  mini: 2048,
  midi: 4096,
  small: 8000,
  paper: 30_522,
};

export interface InputsOptions {
  readonly experiment: Experiment;
  readonly scale: Scale;
  readonly data: readonly string[];
  /** Folder of a tokenizer. Default: WordPiece made from the text, in `out`. */
  readonly tokenizer: string | undefined;
  /** Folder of a source that is trained already. */
  readonly checkpoint: FinishedSource | undefined;
  readonly out: string;
  readonly say: (line: string) => void;
}

/** Inputs of an experiment: a tokenizer for text, the classes of images. */
export async function experimentInputs(options: InputsOptions): Promise<ExperimentInputs> {
  const { data, experiment, out, say, scale } = options;
  // a checkpoint that is given has its own
  if (options.checkpoint !== undefined) return { data, checkpoint: options.checkpoint };
  if (experiment.data === "images") return { data, classes: await classesOf(data[0] ?? ".") };
  const folder = options.tokenizer ?? join(out, "tokenizer");
  if (options.tokenizer === undefined && !existsSync(folder)) {
    say(`Making ${VOCABULARY[scale]} word pieces from the text ...`);
    const tokenizer = await makeTokenizer(data, VOCABULARY[scale]);
    await writeOutputFolder(folder, (temporary) => writeTokenizer(tokenizer, temporary));
  }
  const { special, vocabularySize } = await loadTokenizer(folder, { requireMask: false });
  return { data, tokenizer: { folder, vocabulary: vocabularySize, pad: special.pad } };
}

/** Names of the folders of a folder of images, and of links to folders. */
async function classesOf(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).toSorted();
  const kinds = await Promise.all(names.map((name) => stat(join(folder, name))));
  return names.filter((_, index) => kinds[index]?.isDirectory());
}

/**
 * Images of other classes, to choose rates on, under the names of the experiment's classes: a folder in `out` that links to
 * theirs, in the order of their names. Throws a RangeError where there are more or fewer of them.
 */
export async function renamedClasses(
  folder: string,
  classes: readonly string[],
  out: string,
): Promise<string> {
  const others = await classesOf(folder);
  if (others.length !== classes.length) {
    throw new RangeError(
      `--tuning takes images of as many classes as --data has, ${classes.length}; ${folder} has ${others.length}.`,
    );
  }
  const renamed = join(out, "tuning");
  await rm(renamed, { recursive: true, force: true });
  await mkdir(renamed, { recursive: true });
  for (const [index, name] of classes.entries()) {
    await symlink(resolve(folder, others[index] ?? ""), join(renamed, name), "dir");
  }
  return renamed;
}
