import type { Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { LigoError } from "@ligo/core";
import { writeFailure, writeFully } from "@ligo/checkpoint";
import { blobHash } from "./blob-hash.js";
import { HubError } from "./hub-error.js";
import type { HubContext } from "./hub-context.js";
import { shownText, shownUrl, unreachable } from "./hub-failure.js";
import type { HubClient } from "./hub-fetch.js";
import type { HubFile } from "./hub-file.js";
import { takePartial } from "./partial-file.js";
import { backoff, MAX_RETRIES } from "./retry-delay.js";

export interface BlobDownload {
  readonly context: HubContext;
  readonly client: HubClient;
  readonly url: string;
  readonly file: HubFile;
  /** Path of the whole file. */
  readonly blob: string;
  /** Is told the bytes that are there. */
  readonly progress: (received: number) => void;
}

/** State of a download: the bytes that are there, and the hash over them. */
interface Received {
  readonly handle: FileHandle;
  hash: Hash;
  bytes: number;
}

/**
 * Downloads a file, from where an earlier download of it ended, and checks size and hash. `blob` is whole or not there; what
 * was received before a failure is kept, unless its hash is wrong. Throws `HubError` and `OutputError`.
 */
export async function downloadBlob(download: BlobDownload): Promise<void> {
  const { file, blob, url } = download;
  try {
    const partial = await takePartial(blob);
    try {
      let outcome = await complete(download, partial.path);
      // The earlier part may be what is wrong.
      if (outcome === "wrong after an earlier part")
        outcome = await complete(download, partial.path);
      if (outcome !== "right") {
        throw new HubError(
          "hub/wrong-hash",
          `${file.path} from ${shownUrl(url, download.context.settings)} is not what the hub says it is: its ${file.sha256 === undefined ? "git hash" : "SHA-256"} is wrong. ` +
            "It was removed; download it again, and check HF_ENDPOINT and proxies if that does not help.",
          { file: file.path, expected: file.sha256 ?? file.blobId },
        );
      }
      await rename(partial.path, blob);
    } catch (error) {
      await partial.release();
      throw error;
    }
  } catch (error) {
    throw writeFailure(blob, error);
  }
}

/** Receives the rest of a file; removes it where its hash is wrong. */
async function complete(
  download: BlobDownload,
  path: string,
): Promise<"right" | "wrong" | "wrong after an earlier part"> {
  const { file } = download;
  const handle = await open(path, "a+").then(async (created) => {
    await created.close();
    return open(path, "r+");
  });
  let right: boolean;
  let earlier: number;
  try {
    const received: Received = { handle, hash: newHash(file), bytes: 0 };
    const { size } = await handle.stat();
    if (size > file.size) await handle.truncate(0);
    else await rehash(path, received);
    earlier = received.bytes;
    await receive(download, received);
    right =
      received.bytes === file.size && received.hash.digest("hex") === (file.sha256 ?? file.blobId);
    if (right) await handle.sync();
  } finally {
    await handle.close();
  }
  if (right) return "right";
  await rm(path, { force: true });
  return earlier > 0 ? "wrong after an earlier part" : "wrong";
}

const newHash = ({ sha256, size }: HubFile): Hash => blobHash(size, sha256 !== undefined);

async function rehash(path: string, received: Received): Promise<void> {
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    received.hash.update(chunk);
    received.bytes += chunk.length;
  }
}

/** Bytes between two breaks of a connection that is worth taking up, and how often one is taken up that brings fewer. */
const WORTHWHILE = 2 ** 20;
const MOST_BREAKS = 50;

/** Receives until the file is there. A connection that breaks is taken up again where it broke. */
async function receive(download: BlobDownload, received: Received): Promise<void> {
  const { context, file, url } = download;
  download.progress(received.bytes);
  let breaks = 0;
  for (let failures = 0; received.bytes < file.size;) {
    const before = received.bytes;
    let cause: unknown = new Error("the answer ended early");
    try {
      await receiveOnce(download, received);
    } catch (error) {
      context.signal?.throwIfAborted();
      if (LigoError.isInstance(error)) throw error;
      cause = error;
    }
    if (received.bytes >= file.size) return;
    failures = received.bytes > before ? 1 : failures + 1;
    breaks = received.bytes - before >= WORTHWHILE ? 0 : breaks + 1;
    if (failures > MAX_RETRIES || breaks > MOST_BREAKS)
      throw unreachable(url, cause, context.settings);
    await context.wait(backoff(failures));
  }
}

async function receiveOnce(
  { client, context: { settings }, file, progress, url }: BlobDownload,
  received: Received,
): Promise<void> {
  const answer = await client.file(url, received.bytes > 0 ? received.bytes : undefined);
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/u.exec(answer.headers.get("content-range") ?? "");
  const continues = answer.status === 206 && Number(range?.[1]) === received.bytes;
  if (!continues && received.bytes > 0) {
    // The server does not continue; what is there is received anew.
    await received.handle.truncate(0);
    received.bytes = 0;
    received.hash = newHash(file);
  }
  if (!continues && answer.status !== 200) {
    await answer.cancel();
    const said = shownText(answer.headers.get("content-range") ?? "no range", settings);
    throw new Error(`status ${answer.status}, ${said}`);
  }
  for await (const chunk of answer.bytes(Number.MAX_SAFE_INTEGER)) {
    await write(received, chunk, file);
    progress(received.bytes);
    // More than there should be: the hash will be wrong.
    if (received.bytes > file.size) return;
  }
}

/** Failures of the disk must not pass for failures of the connection. */
async function write(received: Received, chunk: Uint8Array, { path }: HubFile): Promise<void> {
  try {
    await writeFully(received.handle, chunk, received.bytes);
  } catch (error) {
    throw writeFailure(path, error);
  }
  received.hash.update(chunk);
  received.bytes += chunk.length;
}
