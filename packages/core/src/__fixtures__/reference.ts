import { readFileSync } from "node:fs";
import type { StoredTensor } from "../operator/operator-file.js";

export interface Recorded {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

interface RecordedFile {
  readonly metadata: Record<string, string>;
  readonly tensors: Record<string, { readonly shape: number[]; readonly data: string }>;
}

/** Tensors recorded from the published code. */
export function readReference(name: "small" | "operator" | "grown"): Recorded {
  const url = new URL(`./ligo-reference-${name}.json`, import.meta.url);
  const file = JSON.parse(readFileSync(url, "utf8")) as RecordedFile;
  const tensors = new Map(
    Object.entries(file.tensors).map(([tensor, { shape, data }]) => {
      const bytes = Uint8Array.from(Buffer.from(data, "base64"));
      return [tensor, { shape, data: new Float32Array(bytes.buffer) }];
    }),
  );
  return { metadata: file.metadata, tensors };
}
