import type { BertConfig } from "@ligo/bert";
import { writeCheckpoint, writeOutputFolder } from "@ligo/checkpoint";
import { writeTokenizer, type TokenizerFile } from "@ligo/data";
import { learnableSpecs, type Weights } from "@ligo/train";
import { bertLayout } from "./arms.js";

/** Writes a model as a Hugging Face checkpoint, all or nothing. */
export async function saveModel(
  folder: string,
  config: BertConfig,
  weights: Weights,
  tokenizer?: TokenizerFile,
): Promise<void> {
  const tensors = Object.entries(learnableSpecs(bertLayout(config))).map(([name, { shape }]) => ({
    name,
    shape,
    data: async () => weights.get(name) as Float32Array,
  }));
  await writeOutputFolder(folder, async (temporary) => {
    await writeCheckpoint(temporary, { config, tensors, dtype: "F32" });
    if (tokenizer) await writeTokenizer(tokenizer, temporary);
  });
}
