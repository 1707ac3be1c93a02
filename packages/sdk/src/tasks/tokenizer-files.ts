import { basename } from "node:path";
import { LigoError } from "@ligo/core";
import type { ExtraFile } from "@ligo/checkpoint";
import type { LoadTokenizerOptions, TextTokenizer } from "@ligo/data";
import { withFile } from "../models/with-file.js";
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

/** Makes batches of texts; a token that the model does not know is refused with the file of the tokenizer that gave it. */
export function batchesOf<T>({ files }: Pick<TextTokenizer, "files">, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const [file] = files;
    if (!LigoError.isInstance(error) || error.code !== "data/vocabulary-mismatch" || !file)
      throw error;
    return withFile(file, () => {
      throw error;
    });
  }
}

/** A tokenizer's files as a checkpoint holds them. */
export function tokenizerFiles(tokenizer: TextTokenizer): readonly ExtraFile[] {
  // The first one is tokenizer.json, by whatever name it was given.
  return tokenizer.files.map((path, index) => ({
    name: index === 0 ? "tokenizer.json" : basename(path),
    path,
  }));
}
