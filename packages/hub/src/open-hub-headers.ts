import { join } from "node:path";
import {
  INDEX_NAME,
  CheckpointError,
  checkShard,
  joinFiles,
  type Checkpoint,
  openSafetensors,
  type SafetensorsFile,
  readConfig,
  headerLength,
  LENGTH_BYTES,
  parseHeader,
  readShardIndex,
  type WeightMap,
} from "@ligo/checkpoint";
import { fileSize } from "./hub-cache.js";
import { createHubContext, type HubOptions } from "./hub-context.js";
import { describeRepository, type HubRepository } from "./hub-id.js";
import { checkpointFiles, CONFIG_NAME } from "./model-files.js";
import { openRevision, type HubRevision } from "./open-revision.js";

/** Most headers are shorter than this, so that one request has them. */
const FIRST_BYTES = 65_536;

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
  const configFile = join(folder, CONFIG_NAME);
  const config = await readConfig(configFile);
  const indexFile = join(folder, INDEX_NAME);
  const index: WeightMap | undefined =
    weights === INDEX_NAME ? await readShardIndex(indexFile) : undefined;
  const names = index === undefined ? [weights] : [...new Set(index.values())].toSorted();
  const files: SafetensorsFile[] = [];
  try {
    for (const name of names) {
      const file = await openHeader(name, revision, repository);
      files.push(file);
      if (index !== undefined) checkShard(file, name, index, indexFile);
    }
  } catch (error) {
    await Promise.all(files.map((file) => file.close()));
    throw error;
  }
  return joinFiles(describeRepository(repository), configFile, config, files);
}

async function openHeader(
  name: string,
  revision: HubRevision,
  repository: HubRepository,
): Promise<SafetensorsFile> {
  const local = join(revision.folder, name);
  if ((await fileSize(local)) !== undefined) return openSafetensors(local);
  const path = `hf://${describeRepository(repository)}/${name}`;
  const first = await revision.readRange(name, 0, FIRST_BYTES);
  const end = LENGTH_BYTES + headerLength(first.bytes, first.size, path);
  const { bytes } = end <= first.bytes.length ? first : await revision.readRange(name, 0, end);
  const { metadata, tensors } = parseHeader(bytes.subarray(LENGTH_BYTES, end), first.size, path);
  const read = async (tensor: string): Promise<never> => {
    throw new CheckpointError(
      "checkpoint/headers-only",
      `Only the header of ${path} was downloaded, not the weights of ${tensor}.`,
      { file: path, tensor },
    );
  };
  return { path, metadata, tensors, read, readTyped: read, close: async () => undefined };
}
