import { createHash } from "node:crypto";
import { hashFile } from "@ligo/checkpoint";
import type { TokenStore } from "@ligo/data";
import type { ImageSet } from "@ligo/images";

/** A hash of text as a model sees it: of the tokens of each source, the length of blocks, and the tokenizer's files. */
export async function textFingerprint(
  sequence: number,
  sources: readonly Pick<TokenStore, "count" | "sha256">[],
  tokenizer: readonly string[],
): Promise<string> {
  const hash = createHash("sha256");
  hash.update(`${sequence}\n`);
  for (const { count, sha256 } of sources) hash.update(`${count} ${sha256}\n`);
  for (const file of tokenizer) hash.update(`${await hashFile(file)}\n`);
  return hash.digest("hex");
}

/** The same of labelled texts, whose hashes are of tokens and labels. */
export async function labelledTextFingerprint(
  sequence: number,
  texts: readonly string[],
  tokenizer: readonly string[],
): Promise<string> {
  const files: string[] = [];
  for (const file of tokenizer) files.push(await hashFile(file));
  return joinFingerprints([String(sequence), ...texts, ...files]);
}

/** Images whose pixels go into a fingerprint. */
const SAMPLE = 64;

/** A hash of all labels and of a sample of the pixels: there may be too many to look at all. */
export async function imagesFingerprint(images: ImageSet): Promise<string> {
  const { classes, count, labels } = images;
  const hash = createHash("sha256");
  hash.update(`${JSON.stringify(classes)}\n`);
  hash.update(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength));
  const sample = Math.min(SAMPLE, count);
  for (let k = 0; k < sample; k++) {
    const { data } = await images.pixels(Math.floor((k * count) / sample));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

/** One hash for several. */
export function joinFingerprints(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
