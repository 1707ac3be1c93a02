import { checkConfig, type Layout, type RawConfig } from "@ligo/core";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bert, type BertConfig } from "../index.js";

/** Tensors of a small safetensors file: float32 and int32 only. For tests. */
export function readFixture(
  path: string,
): Record<string, { data: Float32Array | Int32Array; shape: number[] }> {
  const bytes = readFileSync(fileURLToPath(new URL(`./${path}`, import.meta.url)));
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString()) as Record<
    string,
    { dtype: "F32" | "I32"; shape: number[]; data_offsets: [number, number] }
  >;
  delete header["__metadata__"];
  return Object.fromEntries(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        const buffer = new Uint8Array(
          bytes.subarray(8 + headerLength + begin, 8 + headerLength + end),
        ).buffer;
        return [
          name,
          { data: dtype === "F32" ? new Float32Array(buffer) : new Int32Array(buffer), shape },
        ];
      },
    ),
  );
}

/** Config and layout of a fixture's config.json. */
export function readFixtureConfig(path: string): { config: BertConfig; layout: Layout } {
  const raw = JSON.parse(
    readFileSync(fileURLToPath(new URL(`./${path}`, import.meta.url)), "utf8"),
  ) as RawConfig;
  const config = checkConfig(bert, raw);
  return { config, layout: bert.layout(config, config.architectures?.[0] ?? "BertForMaskedLM") };
}
