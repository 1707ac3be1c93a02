import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  loadTokenizer,
  readTexts,
  TEXT_EXTENSIONS,
  trainWordPiece,
  writeTokenizer,
} from "@ligo/data";
import { createRandom } from "@ligo/core";
import type { ExperimentInputs, TokenizerInputs } from "./experiments/experiment.js";

/** Text to learn from in a file, and the tokenizer made from it. */
export interface QuickstartText extends ExperimentInputs {
  readonly tokenizer: TokenizerInputs;
  /** File with the passages that are held out. */
  readonly heldOut: string;
}

export interface QuickstartTextOptions {
  /** Word pieces of the tokenizer. */
  readonly vocabulary: number;
  /** Tokens held out, about. */
  readonly heldOutTokens: number;
  /** Seed of what is held out. */
  readonly seed: number;
}

/** Characters of a passage, from the start of a line; and of a token of English, about. */
const PASSAGE = 1000;
const TOKEN = 4;

/** Passages of a text, each of whole lines. */
function passagesOf(text: string): string[] {
  const passages: string[] = [];
  let passage = "";
  for (const line of text.split(/(?<=\n)/u)) {
    passage += line;
    if (passage.length >= PASSAGE) {
      passages.push(passage);
      passage = "";
    }
  }
  return passage === "" ? passages : [...passages, passage];
}

/** Holds out passages, drawn from all texts; what stands between them is learned from. */
function holdOut(
  texts: readonly string[],
  { heldOutTokens, seed }: QuickstartTextOptions,
): { readonly kept: readonly string[]; readonly heldOut: readonly string[] } {
  const passages = texts.map(passagesOf);
  const all = passages.flat().length;
  const wanted = Math.min(Math.ceil((heldOutTokens * TOKEN) / PASSAGE), all - 1);
  const random = createRandom(seed).fork("held-out");
  const [kept, heldOut]: [string[], string[]] = [[], []];
  let seen = 0;
  for (const text of passages) {
    let run = "";
    for (const passage of text) {
      // of the passages left, as many are drawn as are still wanted (Knuth's selection sampling)
      if (random.integer(all - seen) < wanted - heldOut.length) {
        heldOut.push(passage);
        if (run !== "") kept.push(run);
        run = "";
      } else run += passage;
      seen += 1;
    }
    if (run !== "") kept.push(run);
  }
  return { kept, heldOut };
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

const jsonLines = (texts: readonly string[]): string =>
  texts.map((text) => `${JSON.stringify({ text })}\n`).join("");

/** Writes texts as JSON lines into a folder, those held out apart, and a tokenizer made from the others beside them. */
export async function writeQuickstartText(
  folder: string,
  texts: readonly string[],
  options: QuickstartTextOptions,
): Promise<QuickstartText> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { kept, heldOut } = holdOut(texts, options);
  const [data, judged] = [join(folder, "text.jsonl"), join(folder, "held-out.jsonl")];
  await writeFile(data, jsonLines(kept));
  await writeFile(judged, jsonLines(heldOut));
  const tokenizer = join(folder, "tokenizer");
  await mkdir(tokenizer);
  await writeTokenizer(trainWordPiece(kept, { vocabularySize: options.vocabulary }), tokenizer);
  const { special, vocabularySize: vocabulary } = await loadTokenizer(tokenizer);
  return {
    data: [data],
    heldOut: judged,
    tokenizer: { folder: tokenizer, vocabulary, pad: special.pad },
  };
}
