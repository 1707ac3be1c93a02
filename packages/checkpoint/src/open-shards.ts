import { CheckpointError } from "./errors/checkpoint-error.js";
import type { SafetensorsFile } from "./open-safetensors.js";
import type { WeightMap } from "./shard-index.js";

/**
 * Opens the shards of an index in the order of their names, and closes them where one fails. Throws `CheckpointError` where a
 * shard holds other tensors than the index says, and what `open` throws.
 *
 * @param index path of the index
 * @param open opens the shard of a name
 */
export async function openShards(
  weightMap: WeightMap,
  index: string,
  open: (shard: string) => Promise<SafetensorsFile>,
): Promise<readonly SafetensorsFile[]> {
  const opened: SafetensorsFile[] = [];
  try {
    for (const shard of [...new Set(weightMap.values())].toSorted()) {
      const file = await open(shard);
      opened.push(file);
      checkShard(file, shard, weightMap, index);
    }
  } catch (error) {
    await Promise.all(opened.map((file) => file.close()));
    throw error;
  }
  return opened;
}

/** A shard must hold the tensors the index says, and no others. */
function checkShard(
  reader: Pick<SafetensorsFile, "path" | "tensors">,
  shard: string,
  weightMap: WeightMap,
  index: string,
): void {
  for (const [name, home] of weightMap) {
    if (home === shard && !reader.tensors.has(name)) {
      throw new CheckpointError(
        "checkpoint/missing-tensor",
        `${index} puts tensor ${JSON.stringify(name)} into ${shard}, but it is not there. Download index and shards again.`,
        { file: reader.path, tensor: name },
      );
    }
  }
  for (const name of reader.tensors.keys()) {
    const home = weightMap.get(name);
    if (home !== shard) {
      throw new CheckpointError(
        "checkpoint/unindexed-tensor",
        `${reader.path} holds tensor ${JSON.stringify(name)}, which ${index} ` +
          `${home === undefined ? "does not list" : `puts into ${home}`}. Download index and shards again.`,
        { file: reader.path, tensor: name, expected: home, actual: shard },
      );
    }
  }
}
