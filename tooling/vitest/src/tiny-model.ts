import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { writeCheckpoint } from "@ligo/checkpoint";
import { checkConfig, createRandom } from "@ligo/core";
import { writtenTensors } from "@ligo/core/layout";
import { trainWordPiece, writeTokenizer } from "@ligo/data";
import { initialWeights } from "@ligo/train";

/** A BERT small enough for a test, with a vocabulary for {@link tinyText}. */
export const TINY_CONFIG: Readonly<Record<string, unknown>> = {
  architectures: ["BertForMaskedLM"],
  model_type: "bert",
  hidden_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 32,
  vocab_size: 100,
  max_position_embeddings: 16,
  initializer_range: 0.02,
  tie_word_embeddings: true,
};

export const TINY_TARGET: string = JSON.stringify({
  hidden_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  intermediate_size: 48,
});

/** Sentences with something to learn in them. */
function tinyText(sentences: number = 400): string {
  const random = createRandom(1);
  const nouns = ["cat", "dog", "bird", "fish", "horse"];
  const verbs = ["sees", "chases", "likes", "hears"];
  const pick = (words: readonly string[]): string => words[random.integer(words.length)] ?? "";
  return Array.from(
    { length: sentences },
    () => `the ${pick(nouns)} ${pick(verbs)} the ${pick(nouns)} .\n`,
  ).join("");
}

/** Writes `text.txt`, and `config.json` with a tokenizer beside it; returns their paths. */
export async function tinyConfig(folder: string): Promise<{ config: string; text: string }> {
  mkdirSync(folder, { recursive: true });
  const [config, text] = [join(folder, "config.json"), join(folder, "text.txt")];
  writeFileSync(text, tinyText());
  writeFileSync(config, JSON.stringify(TINY_CONFIG));
  await writeTokenizer(trainWordPiece([tinyText()], { vocabularySize: 100 }), folder);
  return { config, text };
}

/** Writes a random checkpoint with a tokenizer beside it; returns its folder and the text. */
export async function tinyModel(
  folder: string,
  keys: Readonly<Record<string, unknown>> = {},
): Promise<{ checkpoint: string; text: string }> {
  const raw = { ...TINY_CONFIG, ...keys };
  const layout = bert.layout(checkConfig(bert, raw), "BertForMaskedLM");
  // Wider than the usual start, so that the model's function is not almost constant.
  const weights = initialWeights(layout, { seed: 3, deviation: 0.3 });
  await writeCheckpoint(folder, {
    config: raw,
    dtype: "F32",
    tensors: writtenTensors(layout).map(({ name, source, shape }) => ({
      name,
      shape,
      data: () => weights.get(source) ?? new Float32Array(0),
    })),
  });
  await writeTokenizer(trainWordPiece([tinyText()], { vocabularySize: 100 }), folder);
  const text = join(folder, "..", "text.txt");
  writeFileSync(text, tinyText());
  return { checkpoint: folder, text };
}
