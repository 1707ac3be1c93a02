import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
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
  if (experiment.data === "images") {
    const folders = await readdir(data[0] ?? ".", { withFileTypes: true });
    const classes = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    return { data, classes: classes.toSorted() };
  }
  const folder = options.tokenizer ?? join(out, "tokenizer");
  if (options.tokenizer === undefined && !existsSync(folder)) {
    say(`Making ${VOCABULARY[scale]} word pieces from the text ...`);
    const tokenizer = await makeTokenizer(data, VOCABULARY[scale]);
    await writeOutputFolder(folder, (temporary) => writeTokenizer(tokenizer, temporary));
  }
  const { special, vocabularySize } = await loadTokenizer(folder, { requireMask: false });
  return { data, tokenizer: { folder, vocabulary: vocabularySize, pad: special.pad } };
}
