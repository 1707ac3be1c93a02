import { createHash } from "node:crypto";
import { hashFile } from "@ligo/checkpoint";
import type { TokenBlocks } from "@ligo/data";
import type { ImageSet } from "@ligo/images";

/** A hash of text as a model sees it: of all its tokens, and of the tokenizer's files. */
export async function textFingerprint(
  parts: readonly Pick<TokenBlocks, "sequence" | "tokens">[],
  tokenizer: readonly string[],
): Promise<string> {
  const hash = createHash("sha256");
  for (const { sequence, tokens } of parts) {
    hash.update(`${sequence} x ${tokens.length}\n`);
    hash.update(new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength));
  }
  for (const file of tokenizer) hash.update(`${await hashFile(file)}\n`);
  return hash.digest("hex");
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
