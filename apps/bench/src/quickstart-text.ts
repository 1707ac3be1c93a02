import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  loadTokenizer,
  readTexts,
  TEXT_EXTENSIONS,
  trainWordPiece,
  writeTokenizer,
} from "@ligo/data";
import type { ExperimentInputs, TokenizerInputs } from "./experiments/experiment.js";

/** Text to learn from in a file, and the tokenizer made from it. */
export interface QuickstartText extends ExperimentInputs {
  readonly tokenizer: TokenizerInputs;
}

/** Texts without the lines that come again and again (licences, badges, generated tables): they teach a model to copy. */
function withoutRepeats(texts: readonly string[]): string[] {
  const seen = new Set<string>();
  return texts.map((text) =>
    text
      .split("\n")
      .filter((line) => {
        const key = line.trim();
        if (key.length < 20) return true;
        const fresh = !seen.has(key);
        seen.add(key);
        return fresh;
      })
      .join("\n"),
  );
}

/** The texts that patterns name, without the lines they repeat. Files with `excluded` in their path are left out. */
export async function readQuickstartTexts(
  data: readonly string[],
  excluded?: string,
): Promise<string[]> {
  const texts: string[] = [];
  for await (const { file, text } of readTexts(data, { extensions: TEXT_EXTENSIONS })) {
    if (excluded === undefined || !file.includes(excluded)) texts.push(text);
  }
  return withoutRepeats(texts);
}

/** Writes texts as JSON lines into a folder, and a tokenizer made from them beside it. */
export async function writeQuickstartText(
  folder: string,
  texts: readonly string[],
  vocabularySize: number,
): Promise<QuickstartText> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const file = join(folder, "text.jsonl");
  await writeFile(file, texts.map((text) => `${JSON.stringify({ text })}\n`).join(""));
  const tokenizer = join(folder, "tokenizer");
  await mkdir(tokenizer);
  await writeTokenizer(trainWordPiece(texts, { vocabularySize }), tokenizer);
  const { special, vocabularySize: vocabulary } = await loadTokenizer(tokenizer);
  return { data: [file], tokenizer: { folder: tokenizer, vocabulary, pad: special.pad } };
}
