import { mkdir, readdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import { writeFailure, OutputError } from "@ligo/checkpoint";
import { LigoError } from "@ligo/core";
import { HubError } from "./hub-error.js";
import { downloadBlob } from "./download-blob.js";
import {
  cachedRepository,
  fileSize,
  linkBlob,
  listSnapshot,
  readListing,
  readRef,
  writeListing,
  writeRef,
  type CachedRepository,
} from "./hub-cache.js";
import type { HubContext } from "./hub-context.js";
import { shownText } from "./hub-failure.js";
import { createHubClient, type HubAnswer } from "./hub-fetch.js";
import { checkListed, etagOf, type HubFile } from "./hub-file.js";
import { describeRepository, isCommit, type HubRepository } from "./hub-id.js";
import type { HubSettings } from "./hub-settings.js";

/** A repository at one commit. */
export interface HubRevision {
  readonly commit: string;
  /** Folder of the snapshot in the cache; holds what was downloaded. */
  readonly folder: string;
  /** Paths of its files; where only the cache is at hand and does not know them all, of those in the cache. */
  readonly paths: readonly string[];
  /** Sees to it that files are in the snapshot. Throws `hub/not-cached` where they would have to be downloaded and cannot. */
  download(paths: readonly string[]): Promise<void>;
  /** Bytes `begin` to `end` (exclusive) of a file, and its size. Nothing is stored. */
  readRange(path: string, begin: number, end: number): Promise<{ bytes: Uint8Array; size: number }>;
}

/**
 * Looks a repository up: on the hub, or where that cannot be reached or must not be, in the cache. Throws `HubError`.
 */
export async function openRevision(
  repository: HubRepository,
  context: HubContext,
): Promise<HubRevision> {
  const cached = cachedRepository(context.settings.cache, repository);
  if (context.settings.offline) return openCached(repository, cached);
  try {
    return await openOnline(repository, cached, context);
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    if (!["hub/unreachable", "hub/server-error"].includes(error.code)) throw error;
    let revision: HubRevision;
    try {
      revision = await openCached(repository, cached);
    } catch {
      throw error;
    }
    context.reporter.note(
      `${error.message}\nUsing ${describeRepository(repository)} as it is in the cache.`,
    );
    return revision;
  }
}

async function openOnline(
  repository: HubRepository,
  cached: CachedRepository,
  context: HubContext,
): Promise<HubRevision> {
  const { endpoint } = context.settings;
  const client = createHubClient(context, repository);
  // Nobody waits long to hear that there is no connection, or that a name was mistyped.
  const { api: ask } = createHubClient(context, repository, 1);
  const commit = await lookUp(repository, context, ask);
  const known = await readListing(cached, commit);
  const files = known ?? (await list(repository, commit, context, ask));
  if (known === undefined) await writeListing(cached, commit, files);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const prefix = repository.type === "dataset" ? "datasets/" : "";
  const urlOf = (path: string): string =>
    `${endpoint}/${prefix}${repository.name}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;
  const folder = cached.snapshot(commit);
  const find = (path: string): HubFile => {
    const file = byPath.get(path);
    if (file !== undefined) return file;
    throw new HubError(
      "hub/file-not-found",
      `${describeRepository(repository)} has no file ${path}.`,
      {
        file: path,
      },
    );
  };
  const local = (file: HubFile): string => join(folder, ...file.path.split("/"));
  return {
    commit,
    folder,
    paths: [...byPath.keys()],
    async download(paths) {
      const missing: HubFile[] = [];
      for (const file of paths.map(find)) {
        if ((await fileSize(local(file))) === file.size) continue;
        if ((await fileSize(join(cached.blobs, etagOf(file)))) === file.size) {
          await linkBlob(cached, commit, file);
        } else missing.push(file);
      }
      await checkSpace(cached, missing);
      for (const file of missing) {
        await downloadBlob({
          context,
          client,
          url: urlOf(file.path),
          file,
          blob: join(cached.blobs, etagOf(file)),
          progress: (received) =>
            context.reporter.progress({
              repository: describeRepository(repository),
              file: file.path,
              received,
              size: file.size,
            }),
        });
        await linkBlob(cached, commit, file);
      }
      // Only now: until then the cache offers what it held before.
      if (!isCommit(repository.revision)) await writeRef(cached, repository.revision, commit);
    },
    async readRange(path, begin, end) {
      const { size } = find(path);
      const stop = Math.min(end, size);
      if (begin >= stop) return { bytes: new Uint8Array(0), size };
      const answer = await client.file(urlOf(path), begin, stop);
      if (answer.status === 200) {
        return { bytes: (await readAtMost(answer, stop)).subarray(begin), size };
      }
      const range = answer.headers.get("content-range") ?? "none";
      if (answer.status !== 206 || !range.startsWith(`bytes ${begin}-`)) {
        await answer.cancel();
        throw wrongRange(path, context, `bytes ${begin}-${stop - 1}`, range);
      }
      return { bytes: await readAtMost(answer, stop - begin), size };
    },
  };
}

function wrongRange(
  path: string,
  { settings }: HubContext,
  expected: string,
  range: string,
): HubError {
  const actual = shownText(range, settings);
  return new HubError(
    "hub/bad-response",
    `${settings.endpoint} gives the range ${actual} of ${path} where ${expected} was asked for. Check HF_ENDPOINT and proxies.`,
    { file: path, expected, actual },
  );
}

/** The first bytes of an answer. */
async function readAtMost(answer: HubAnswer, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.bytes(Number.MAX_SAFE_INTEGER)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= most) break;
  }
  return Buffer.concat(chunks).subarray(0, most);
}

/** The commit a revision is at. */
async function lookUp(
  { type, name, revision }: HubRepository,
  { settings }: HubContext,
  fetch: typeof globalThis.fetch,
): Promise<string> {
  if (isCommit(revision)) return revision;
  const { modelInfo, datasetInfo } = await import("@huggingface/hub");
  const request = {
    name,
    revision,
    hubUrl: settings.endpoint,
    fetch,
    additionalFields: ["sha" as const],
  };
  const { sha }: { readonly sha?: unknown } = await readAnswer(settings, () =>
    type === "model" ? modelInfo(request) : datasetInfo(request),
  );
  if (typeof sha === "string" && isCommit(sha)) return sha;
  throw new HubError(
    "hub/bad-response",
    `${settings.endpoint} does not say which commit ${name} is at. Check HF_ENDPOINT.`,
    {
      file: settings.endpoint,
      expected: "a commit",
      // another value than a text may be nested without end
      actual: typeof sha === "string" ? shownText(JSON.stringify(sha), settings) : typeof sha,
    },
  );
}

async function list(
  { type, name }: HubRepository,
  commit: string,
  { settings }: HubContext,
  fetch: typeof globalThis.fetch,
): Promise<readonly HubFile[]> {
  const { listFiles } = await import("@huggingface/hub");
  const { endpoint } = settings;
  const from = `${endpoint}/${name}`;
  let pages = 0;
  return readAnswer(settings, async () => {
    const files: HubFile[] = [];
    const entries = listFiles({
      repo: { type, name },
      revision: commit,
      recursive: true,
      hubUrl: endpoint,
      fetch(input, init) {
        if (++pages > MAX_PAGES) throw endless(from, `${MAX_PAGES} pages`);
        return fetch(input, init);
      },
    });
    for await (const entry of entries) {
      // anything that is neither is refused below
      if (entry.type === "directory" || entry.type === "unknown") continue;
      if (files.length >= MAX_FILES) throw endless(from, `${MAX_FILES} files`);
      files.push(checkListed(entry, from, settings));
    }
    return files;
  });
}

/** Bounds of a listing: pages, of up to a thousand entries each, and files. */
const MAX_PAGES = 500;
const MAX_FILES = 100_000;

function endless(from: string, most: string): HubError {
  return new HubError(
    "hub/bad-response",
    `${from} lists more than ${most}, which is more than a repository can have. Check HF_ENDPOINT.`,
    { file: from, expected: `at most ${most}`, actual: "more" },
  );
}

/** Whatever `@huggingface/hub` throws where an answer has another form than it expects becomes `hub/bad-response`. */
async function readAnswer<T>({ endpoint }: HubSettings, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (LigoError.isInstance(error) || isAbort(error)) throw error;
    throw new HubError(
      "hub/bad-response",
      `${endpoint} does not answer as a hub does. Check HF_ENDPOINT.`,
      { file: endpoint, expected: "JSON of the hub's API" },
    );
  }
}

const isAbort = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "AbortError";

/** Refuses a download that cannot fit on the disk before it starts. */
async function checkSpace(cached: CachedRepository, files: readonly HubFile[]): Promise<void> {
  if (files.length === 0) return;
  let free: number;
  let needed = 0;
  try {
    await mkdir(cached.blobs, { recursive: true });
    const { bavail, bsize } = await statfs(cached.blobs);
    free = bavail * bsize;
    const names = await readdir(cached.blobs);
    for (const file of files) {
      // Bytes that an earlier download left are there already.
      const parts = names.filter((name) => name.startsWith(`${etagOf(file)}.`));
      const sizes = await Promise.all(parts.map((name) => fileSize(join(cached.blobs, name))));
      needed += file.size - Math.min(file.size, Math.max(0, ...sizes.map((size) => size ?? 0)));
    }
  } catch (error) {
    throw writeFailure(cached.blobs, error);
  }
  if (needed <= free) return;
  throw new OutputError(
    "output/disk-full",
    `${cached.blobs} has room for ${free} bytes, but ${needed} are to be downloaded. Free some space, or put the cache on another disk with HF_HUB_CACHE.`,
    { file: cached.blobs, expected: `${needed} bytes`, actual: `${free} bytes` },
  );
}

async function openCached(
  repository: HubRepository,
  cached: CachedRepository,
): Promise<HubRevision> {
  const commit = await readRef(cached, repository.revision);
  const present = commit === undefined ? [] : await listSnapshot(cached, commit);
  if (commit === undefined || present.length === 0) throw notCached(repository, cached);
  const paths = (await readListing(cached, commit))?.map(({ path }) => path) ?? present;
  const have = new Set(present);
  return {
    commit,
    folder: cached.snapshot(commit),
    paths,
    async download(wanted) {
      const missing = wanted.find((path) => !have.has(path));
      if (missing !== undefined) throw notCached(repository, cached, missing);
    },
    async readRange(path) {
      throw notCached(repository, cached, path);
    },
  };
}

function notCached(
  repository: HubRepository,
  { folder }: CachedRepository,
  path?: string,
): HubError {
  const what = `the ${repository.type} ${describeRepository(repository)}`;
  return new HubError(
    "hub/not-cached",
    `${path === undefined ? what[0]?.toUpperCase() + what.slice(1) : `${path} of ${what}`} is not in the cache (${folder}), and nothing may be ` +
      "downloaded: unset HF_HUB_OFFLINE once, or connect to the hub.",
    { file: folder, expected: path },
  );
}
