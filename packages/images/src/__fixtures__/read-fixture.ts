import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Path of a file of this folder. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}

interface Entry {
  readonly dtype: "F32" | "U8";
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Recorded tensors: bytes and float32 numbers by name. */
export function readExpected(): ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: Uint8Array | Float32Array }
> {
  const bytes = readFileSync(fixturePath("expected.safetensors"));
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, start).toString()) as Record<string, Entry>;
  return new Map(
    Object.entries(header).map(([name, { dtype, shape, data_offsets: [from, to] }]) => {
      const data = new Uint8Array(bytes.subarray(start + from, start + to));
      return [name, { shape, data: dtype === "U8" ? data : new Float32Array(data.buffer) }] as const;
    }),
  );
}

/** The configurations of Hugging Face's processors. */
export function readProcessorConfigs(): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(fixturePath("processors.json"), "utf8")) as Record<string, unknown>;
}
