// Text, a tokenizer made from it, and the config of a small model: what the other examples begin with.
import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trainWordPiece, writeTokenizer } from "@ligo/data";

const TEXT = "the cat sees the dog . the dog hears the bird . the bird sings .\n".repeat(200);

/** Writes text and tokenizer into a folder that is gone when the program ends, and returns the settings that point there. */
export async function toyData(): Promise<{ data: string; tokenizer: string; vocabulary: number }> {
  const folder = await mkdtemp(join(tmpdir(), "ligo-toy-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, "text.txt");
  await writeFile(data, TEXT);
  const vocabulary = 64;
  await writeTokenizer(trainWordPiece([TEXT], { vocabularySize: vocabulary }), folder);
  return { data, tokenizer: folder, vocabulary };
}

/** The config of a small GPT-2. */
export const smallGpt2 = (vocabulary: number): Record<string, unknown> => ({
  model_type: "gpt2",
  architectures: ["GPT2LMHeadModel"],
  vocab_size: vocabulary,
  n_positions: 32,
  n_embd: 16,
  n_layer: 2,
  n_head: 2,
});
