import { basename } from "node:path";
import type { ExtraFile } from "@ligo/checkpoint";
import type { LoadTokenizerOptions, TextTokenizer } from "@ligo/data";
import type { TaskOptions } from "./task-options.js";

/**
 * The tokenizer that was named, else that of the checkpoint. It may have tokens that the model does not know, as added ones that
 * no text uses; texts that hold one are refused when batches are made of them. Throws what `loadTokenizer` of `@ligo/data`
 * throws.
 */
export async function openTokenizer(
  { folder, tokenizer }: Pick<TaskOptions, "folder" | "tokenizer">,
  options: LoadTokenizerOptions,
): Promise<TextTokenizer> {
  const { loadTokenizer } = await import("@ligo/data");
  return loadTokenizer(tokenizer ?? folder, options);
}

/** A tokenizer's files as a checkpoint holds them. */
export function tokenizerFiles(tokenizer: TextTokenizer): readonly ExtraFile[] {
  // The first one is tokenizer.json, by whatever name it was given.
  return tokenizer.files.map((path, index) => ({
    name: index === 0 ? "tokenizer.json" : basename(path),
    path,
  }));
}
