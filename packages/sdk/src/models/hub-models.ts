import { existsSync } from "node:fs";
import type { Checkpoint } from "@ligo/checkpoint";
import type { DownloadReporter, Downloaded, HubOptions, HubRepository, ModelPart } from "@ligo/hub";

/** How a command gets at the hub. */
export interface HubAccess {
  /** Is told how downloads from the hub go. */
  readonly downloads?: DownloadReporter | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The model on the hub a text names. An existing path is always a path, and so is what starts with `./`, `../` or `/`;
 * `hf://` before a name makes it always a name.
 */
async function hubModel(text: string): Promise<HubRepository | undefined> {
  if (!text.startsWith("hf://") && existsSync(text)) return undefined;
  const { parseModelId } = await import("@ligo/hub");
  return parseModelId(text);
}

/** The folder of a model: as it is, or downloaded where it is named by a hub id. Throws `HubError`. */
export async function localModel(text: string, access: HubAccess): Promise<LocalModel> {
  const repository = await hubModel(text);
  if (repository === undefined) return { path: text };
  const { downloadModel } = await import("@ligo/hub");
  const { folder, commit } = await reading(text, () =>
    downloadModel(repository, hubOptions(access)),
  );
  return { path: folder, hub: { name: repository.name, revision: repository.revision, commit } };
}

/** Where a model is, and where on the hub it came from. */
interface LocalModel {
  readonly path: string;
  readonly hub?: HubOrigin;
}

export interface HubOrigin {
  readonly name: string;
  readonly revision: string;
  readonly commit: string;
}

/**
 * Opens the headers of a checkpoint: of a hub id without downloading its weights. Throws what `openCheckpoint` throws, and
 * `HubError`.
 */
export async function openHeaders(text: string, access: HubAccess): Promise<Checkpoint> {
  const { openCheckpoint } = await import("@ligo/checkpoint");
  const { openHubHeaders } = await import("@ligo/hub");
  const repository = await hubModel(text);
  if (repository === undefined) return openCheckpoint(text);
  return reading(text, () => openHubHeaders(repository, hubOptions(access)));
}

/** The folder with a model's config, tokenizer or preprocessor: as it is, or downloaded where it is named by a hub id. */
export async function localModelPart(
  text: string,
  part: ModelPart,
  access: HubAccess,
): Promise<string> {
  const repository = await hubModel(text);
  if (repository === undefined) return text;
  const { downloadModelPart } = await import("@ligo/hub");
  const { folder } = await reading(text, (): Promise<Downloaded> =>
    downloadModelPart(repository, part, hubOptions(access)),
  );
  return folder;
}

/** The same of a tokenizer or a preprocessor that may be named. */
export async function localNamedPart(
  named: string | undefined,
  part: ModelPart,
  access: HubAccess,
): Promise<string | undefined> {
  return named === undefined ? undefined : localModelPart(named, part, access);
}

/** Files of `--data`: as they are named, or downloaded where they are a dataset's on the hub. */
export async function localData(
  data: readonly string[],
  access: HubAccess,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const one of data) {
    if (!one.startsWith("hf://")) {
      found.push(one);
      continue;
    }
    const { downloadDataset, parseDatasetUrl } = await import("@ligo/hub");
    found.push(...(await downloadDataset(parseDatasetUrl(one), hubOptions(access))));
  }
  return found;
}

function hubOptions({ downloads, signal }: HubAccess): HubOptions {
  return { reporter: downloads, signal };
}

/** What was not found may have been meant as a path: then the error says both. */
async function reading<T>(text: string, ask: () => Promise<T>): Promise<T> {
  const { HubError } = await import("@ligo/hub");
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof HubError) || text.startsWith("hf://")) throw error;
    if (!["hub/not-found", "hub/not-cached", "hub/unreachable"].includes(error.code)) throw error;
    throw new HubError(
      error.code,
      `There is no file or folder ${text} here, so it was taken for a name on the hub. ${error.message}\n` +
        `If you mean a path, check it; ./${text} is never taken for a name.`,
      { file: text, expected: error.expected, actual: error.actual, cause: error },
    );
  }
}
