import * as z from "@ligo/core/zod";
import { findDuplicateKey } from "@ligo/core/json";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { readJsonFile } from "./json/json-file.js";

/** Shards stay open while a checkpoint is, and systems commonly allow 1024 open files. */
const MAX_SHARDS = 1000;

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/** Which shard (a plain file name) holds each stored tensor. */
export type WeightMap = ReadonlyMap<string, string>;

/** Reads and checks a `model.safetensors.index.json`. The shards themselves are not touched. */
export async function readShardIndex(file: string): Promise<WeightMap> {
  const { text, value } = await readJsonFile(file, { code: "checkpoint/index-not-json" });
  const parsed = indexSchema.safeParse(value);
  if (!parsed.success) {
    throw new CheckpointError(
      "checkpoint/bad-index",
      `${file} is not a shard index: it needs a "weight_map" object from tensor names to shard file names.`,
      { file, expected: "an object of strings at weight_map", cause: parsed.error },
    );
  }
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) {
    throw new CheckpointError(
      "checkpoint/duplicate-name",
      `${file} has the key ${JSON.stringify(duplicate)} twice.`,
      {
        file,
        tensor: duplicate,
      },
    );
  }
  const weightMap = new Map(Object.entries(parsed.data.weight_map));
  for (const [name, shard] of weightMap) {
    if (!isShardName(shard)) {
      throw new CheckpointError(
        "checkpoint/unsafe-shard-name",
        `${file} puts tensor ${JSON.stringify(name)} into ${JSON.stringify(shard)}. ` +
          `A shard must be a plain .safetensors file name in the same folder.`,
        { file, tensor: name, expected: "a .safetensors file name", actual: shard },
      );
    }
  }
  const shards = new Set(weightMap.values()).size;
  if (shards === 0 || shards > MAX_SHARDS) {
    throw new CheckpointError(
      "checkpoint/bad-index",
      `${file} names ${shards} shards; between 1 and ${MAX_SHARDS} are accepted.`,
      { file, expected: `1 to ${MAX_SHARDS} shards`, actual: String(shards) },
    );
  }
  return weightMap;
}

/** No separators of any system, no drive letters, no control characters, no leading dot. */
function isShardName(name: string): boolean {
  return /^[^\p{Cc}\p{Cs}/\\:.][^\p{Cc}\p{Cs}/\\:]*\.safetensors$/u.test(name);
}
