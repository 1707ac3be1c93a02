import { join } from "node:path";
import {
  type Checkpoint,
  INDEX_NAME,
  joinFiles,
  openHeader,
  openSafetensors,
  openShards,
  readConfig,
  readShardIndex,
  type SafetensorsFile,
} from "@ligo/checkpoint";
import { fileSize } from "./hub-cache.js";
import { createHubContext, type HubOptions } from "./hub-context.js";
import { describeRepository, type HubRepository } from "./hub-id.js";
import { checkpointFiles, CONFIG_NAME } from "./model-files.js";
import { openRevision } from "./open-revision.js";

/**
 * Opens a checkpoint on the hub for its headers: downloads config and index, and of each file of weights only the header,
 * unless the cache has it. Reading a tensor of a file that is not in the cache throws `checkpoint/headers-only`. Throws
 * `HubError`, `CheckpointError` and `OutputError`.
 */
export async function openHubHeaders(
  repository: HubRepository,
  options: HubOptions = {},
): Promise<Checkpoint> {
  const context = await createHubContext(options);
  const revision = await openRevision(repository, context);
  const { weights } = checkpointFiles(revision.paths, repository);
  const { folder } = revision;
  await revision.download([CONFIG_NAME, ...(weights === INDEX_NAME ? [weights] : [])]);
  const name = describeRepository(repository);
  const open = async (file: string): Promise<SafetensorsFile> => {
    const local = join(folder, file);
    if ((await fileSize(local)) !== undefined) return openSafetensors(local);
    return openHeader(`hf://${name}/${file}`, async (count) => revision.readRange(file, 0, count));
  };
  const configFile = join(folder, CONFIG_NAME);
  const config = await readConfig(configFile);
  const index = join(folder, INDEX_NAME);
  const files =
    weights === INDEX_NAME
      ? await openShards(await readShardIndex(index), index, open)
      : [await open(weights)];
  return joinFiles(name, configFile, config, files);
}
