import { randomBytes } from "node:crypto";
import {
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { writeFailure, systemCode } from "@ligo/checkpoint";
import { etagOf, formatListing, parseListing, type HubFile } from "./hub-file.js";
import { isCommit, type HubRepository } from "./hub-id.js";

/**
 * A repository in the cache, laid out as Python's `huggingface_hub` does: `blobs/<etag>` hold contents,
 * `snapshots/<commit>/<path>` link to them, `refs/<revision>` name the commit a branch or tag was at, `trees/<commit>.json`
 * list its files.
 */
export interface CachedRepository {
  readonly folder: string;
  readonly blobs: string;
  snapshot(commit: string): string;
}

export function cachedRepository(cache: string, { type, name }: HubRepository): CachedRepository {
  const folder = join(cache, [`${type}s`, ...name.split("/")].join("--"));
  return {
    folder,
    blobs: join(folder, "blobs"),
    snapshot: (commit) => join(folder, "snapshots", commit),
  };
}

/** The commit a revision was at when it was last looked up. */
export async function readRef(
  { folder }: CachedRepository,
  revision: string,
): Promise<string | undefined> {
  if (isCommit(revision)) return revision;
  const text = await readText(join(folder, "refs", ...revision.split("/")));
  const commit = text?.trim();
  return commit !== undefined && isCommit(commit) ? commit : undefined;
}

export async function writeRef(
  repository: CachedRepository,
  revision: string,
  commit: string,
): Promise<void> {
  if ((await readRef(repository, revision)) === commit) return;
  await writeText(join(repository.folder, "refs", ...revision.split("/")), commit);
}

export async function readListing(
  { folder }: CachedRepository,
  commit: string,
): Promise<readonly HubFile[] | undefined> {
  const text = await readText(listingFile(folder, commit));
  try {
    return text === undefined ? undefined : parseListing(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export async function writeListing(
  { folder }: CachedRepository,
  commit: string,
  files: readonly HubFile[],
): Promise<void> {
  await writeText(listingFile(folder, commit), formatListing(files));
}

const listingFile = (folder: string, commit: string): string =>
  join(folder, "trees", `${commit}.json`);

/** Paths of the files of a snapshot that are there. */
export async function listSnapshot(
  repository: CachedRepository,
  commit: string,
): Promise<readonly string[]> {
  const root = repository.snapshot(commit);
  let names: string[];
  try {
    names = await readdir(root, { recursive: true });
  } catch {
    return [];
  }
  const sizes = await Promise.all(names.map((name) => fileSize(join(root, name))));
  return names
    .filter((_, index) => sizes[index] !== undefined)
    .map((name) => name.split(sep).join("/"))
    .toSorted();
}

/** Size of a regular file or of what a link points to; undefined where there is none. */
export async function fileSize(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch {
    return undefined;
  }
}

/** Puts a blob into a snapshot: by a link, or by a copy where the system allows none. */
export async function linkBlob(
  repository: CachedRepository,
  commit: string,
  file: HubFile,
): Promise<void> {
  const blob = join(repository.blobs, etagOf(file));
  const pointer = join(repository.snapshot(commit), ...file.path.split("/"));
  const temporary = `${pointer}.${randomBytes(4).toString("hex")}.partial`;
  try {
    await mkdir(dirname(pointer), { recursive: true });
    if (await isThere(pointer)) await rm(pointer, { force: true });
    try {
      await symlink(relative(dirname(pointer), blob), temporary);
    } catch (error) {
      if (!["EPERM", "ENOSYS", "ENOTSUP"].includes(systemCode(error) ?? "")) throw error;
      await copyFile(blob, temporary);
    }
    // Another process may have put the same there meanwhile; one of the two stays.
    await rename(temporary, pointer);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeFailure(pointer, error);
  }
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Other processes and calls may write the same file: the last one stays, and each is whole. */
async function writeText(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomBytes(4).toString("hex")}.partial`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeFailure(file, error);
  }
}
