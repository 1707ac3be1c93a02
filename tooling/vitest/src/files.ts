import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LigoError } from "@ligo/core";
import { onTestFinished } from "vitest";

/** An empty folder that is removed when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ligo-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The bytes of a safetensors file with any header, right or wrong. */
export function safetensorsBytes(header: unknown, dataBytes: number): Buffer {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(dataBytes, 1)]);
}

/** Writes files into a folder: text, bytes, or JSON for anything else. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, unknown>>,
): Promise<void> {
  for (const [name, contents] of Object.entries(files)) {
    const raw = typeof contents === "string" || contents instanceof Uint8Array;
    await writeFile(join(folder, name), raw ? contents : JSON.stringify(contents));
  }
}

/** The `LigoError` a promise is rejected with. Anything else fails the test. */
export async function failure(promise: Promise<unknown>): Promise<LigoError> {
  try {
    await promise;
  } catch (error) {
    if (LigoError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("expected a LigoError, but nothing was thrown");
}
