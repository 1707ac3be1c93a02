import { basename } from "node:path";
import type { ExtraFile } from "@ligo/checkpoint";
import type { LoadTokenizerOptions, TextTokenizer } from "@ligo/data";
import type { ModelSpec } from "../models/model-spec.js";
import { vocabularySize } from "../models/model-limits.js";
import { UsageError } from "../usage-error.js";
import type { TaskOptions } from "./task-options.js";

/**
 * The tokenizer that was named, else that of the checkpoint. Throws `sdk/vocabulary-mismatch` and what `loadTokenizer` of
 * `@ligo/data` throws.
 */
export async function openTokenizer(
  spec: ModelSpec,
  { folder, tokenizer: named }: Pick<TaskOptions, "folder" | "tokenizer">,
  options: LoadTokenizerOptions,
): Promise<TextTokenizer> {
  const { loadTokenizer } = await import("@ligo/data");
  const tokenizer = await loadTokenizer(named ?? folder, options);
  checkVocabulary(tokenizer, spec);
  return tokenizer;
}

/** Throws `sdk/vocabulary-mismatch` where a tokenizer gives ids a model does not know. */
function checkVocabulary(tokenizer: TextTokenizer, spec: ModelSpec): void {
  const expected = vocabularySize(spec.layout);
  const actual = tokenizer.vocabularySize;
  if (actual <= expected) return;
  const file = tokenizer.files[0];
  throw new UsageError(
    "sdk/vocabulary-mismatch",
    `The tokenizer ${file ?? ""} has ${actual} tokens, but the model of ${spec.file} has a vocabulary of ${expected}. ` +
      "Use the tokenizer the model was made with.",
    { file, expected: `at most ${expected} tokens`, actual: `${actual} tokens` },
  );
}

/** A tokenizer's files as a checkpoint holds them. */
export function tokenizerFiles(tokenizer: TextTokenizer): readonly ExtraFile[] {
  // The first one is tokenizer.json, by whatever name it was given.
  return tokenizer.files.map((path, index) => ({
    name: index === 0 ? "tokenizer.json" : basename(path),
    path,
  }));
}
