import { basename } from "node:path";
import type { ExtraFile } from "@ligo/checkpoint";
import type { TextTokenizer } from "@ligo/data";
import type { ModelSpec } from "../models/model-spec.js";
import { vocabularySize } from "../models/model-limits.js";
import { UsageError } from "../usage-error.js";

/** Throws `cli/vocabulary-mismatch` where a tokenizer gives ids a model does not know. */
export function checkVocabulary(tokenizer: TextTokenizer, spec: ModelSpec): void {
  const expected = vocabularySize(spec.layout);
  const actual = tokenizer.vocabularySize;
  if (actual <= expected) return;
  const file = tokenizer.files[0];
  throw new UsageError(
    "cli/vocabulary-mismatch",
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
