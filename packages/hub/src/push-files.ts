import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, isAbsolute, join } from "node:path";
import { companionPaths, INDEX_NAME, readShardIndex, WEIGHTS_NAME } from "@ligo/checkpoint";
import { blobHash } from "./blob-hash.js";
import { HubError } from "./hub-error.js";

/** A file to upload. */
export interface PushFile {
  /** Path in the repository. */
  readonly path: string;
  readonly size: number;
  /** Where it lies; or its contents, where they are not those that lie there. */
  readonly from: string | Buffer;
}

/** Name of a growth's record, whose paths of this machine are cut down to names. */
const RECORD = "ligo.json";

/** Files beside weights, config and companions that are of use to others. */
const FURTHER = ["README.md", "LICENSE", "operator.safetensors", RECORD];

/**
 * The files of a model's folder that are uploaded: weights, config, tokenizer and other companions, card, operator and record; no
 * moments of an optimiser, no checkpoints, no metrics. Throws `hub/incomplete` where the folder is no whole model.
 */
export async function filesToPush(folder: string): Promise<readonly PushFile[]> {
  const paths = await pathsIn(folder);
  const weights = await weightsIn(folder, paths);
  const further = FURTHER.filter((name) => paths.includes(name));
  const missing = ["config.json", ...weights].filter((path) => !paths.includes(path));
  if (missing.length > 0) {
    throw new HubError(
      "hub/incomplete",
      `The folder ${folder} has no ${missing.slice(0, 3).join(", ")}${missing.length > 3 ? `, and ${missing.length - 3} more files that its index names` : ""}. Give the folder of a whole model.`,
      { file: folder, expected: missing.join(", ") },
    );
  }
  const all = [...weights, "config.json", ...companionPaths(paths), ...further];
  return Promise.all([...new Set(all)].toSorted().map((path) => pushFile(folder, path)));
}

async function pushFile(folder: string, path: string): Promise<PushFile> {
  const file = join(folder, path);
  if (path !== RECORD) return { path, from: file, size: (await stat(file)).size };
  const contents = Buffer.from(withoutPlaces(await readFile(file, "utf8")));
  return { path, from: contents, size: contents.length };
}

/** Files in a folder, and those in the folders in it, without hidden ones. */
async function pathsIn(folder: string): Promise<readonly string[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new HubError("hub/incomplete", `The folder ${folder} cannot be read.`, {
      file: folder,
      expected: "the folder of a model",
      cause,
    });
  }
  const nested = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith("."))
      .map(async (entry) => {
        if (!entry.isDirectory()) return [entry.name];
        return (await readdir(join(folder, entry.name))).map((name) => `${entry.name}/${name}`);
      }),
  );
  return nested.flat();
}

/** The weights in one file, or the shards and their index. */
async function weightsIn(folder: string, paths: readonly string[]): Promise<readonly string[]> {
  if (paths.includes(WEIGHTS_NAME) || !paths.includes(INDEX_NAME)) return [WEIGHTS_NAME];
  const index = await readShardIndex(join(folder, INDEX_NAME));
  return [INDEX_NAME, ...new Set(index.values())];
}

/** A record without the folders of the machine it was made on: of an absolute path the last name stays. */
export function withoutPlaces(record: string): string {
  const cut = (value: unknown): unknown => {
    if (typeof value === "string")
      return isAbsolute(value) || /^[a-z]:[\\/]/iu.test(value) ? basename(value) : value;
    if (Array.isArray(value)) return value.map(cut);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cut(one)]));
  };
  return `${JSON.stringify(cut(JSON.parse(record)), undefined, 2)}\n`;
}

/** A file as a repository lists it: the hash of its git blob, and of its contents where they are stored apart. */
export interface ListedFile {
  readonly path: string;
  readonly size: number;
  readonly oid?: string | undefined;
  readonly lfs?: { readonly oid: string } | undefined;
}

/** Whether a repository holds a file with the same contents. */
export async function isThere(file: PushFile, listed: ListedFile | undefined): Promise<boolean> {
  if (listed === undefined || listed.size !== file.size) return false;
  const { lfs, oid } = listed;
  return (await hashed(file, lfs !== undefined)) === (lfs?.oid ?? oid);
}

async function hashed({ from, size }: PushFile, isApart: boolean): Promise<string> {
  const hash = blobHash(size, isApart);
  if (typeof from !== "string") return hash.update(from).digest("hex");
  for await (const part of createReadStream(from)) hash.update(part as Buffer);
  return hash.digest("hex");
}
