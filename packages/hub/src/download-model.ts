import { join } from "node:path";
import { INDEX_NAME, readShardIndex } from "@ligo/checkpoint";
import { createHubContext, type HubOptions } from "./hub-context.js";
import type { HubRepository } from "./hub-id.js";
import { checkpointFiles, partFiles, type ModelPart } from "./model-files.js";
import { openRevision } from "./open-revision.js";

/** Files that were downloaded, or were there already. */
export interface Downloaded {
  /** Folder of the cache that holds the files under their own names. */
  readonly folder: string;
  /** The commit they are of. */
  readonly commit: string;
}

/**
 * Downloads a checkpoint from the hub into the cache that Python's `huggingface_hub` uses: safetensors, config, tokenizer,
 * preprocessor and card, nothing else. What is there is not downloaded again, and what was interrupted is continued. Throws
 * `HubError` and `OutputError`; `CheckpointError` for a damaged index.
 */
export async function downloadModel(
  repository: HubRepository,
  options: HubOptions = {},
): Promise<Downloaded> {
  const context = await createHubContext(options);
  const revision = await openRevision(repository, context);
  const { small, weights } = checkpointFiles(revision.paths, repository);
  const { folder, commit } = revision;
  await revision.download([...small, weights]);
  if (weights === INDEX_NAME) {
    const index = await readShardIndex(join(folder, INDEX_NAME));
    await revision.download([...new Set(index.values())].toSorted());
  }
  return { folder, commit };
}

/** Downloads one part of a model on the hub: its config, tokenizer or preprocessor. */
export async function downloadModelPart(
  repository: HubRepository,
  part: ModelPart,
  options: HubOptions = {},
): Promise<Downloaded> {
  const context = await createHubContext(options);
  const revision = await openRevision(repository, context);
  const { folder, commit } = revision;
  await revision.download(partFiles(part, revision.paths, repository));
  return { folder, commit };
}
