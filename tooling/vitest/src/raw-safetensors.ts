import { readFileSync, writeFileSync } from "node:fs";

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** A safetensors file taken apart, to be damaged and put together again. */
export interface RawSafetensors {
  header: Record<string, Entry>;
  data: Buffer;
}

export function takeApart(path: string): RawSafetensors {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, Entry>;
  delete header["__metadata__"];
  return { header, data: Buffer.from(bytes.subarray(8 + length)) };
}

/** Writes a file; `header` may be text, to say what JSON objects cannot (a key twice). */
export function putTogether(
  path: string,
  header: Record<string, Entry> | string,
  data: Uint8Array,
): void {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(path, Buffer.concat([length, json, data]));
}
