import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DataError } from "../../errors/data-error.js";
import type { BadRows } from "../../errors/bad-rows.js";
import { bytesOf, type TokenStore } from "../token-store.js";
import type { TokenSink } from "../token-stream.js";
import { partialBeside } from "./partial-files.js";

/*
 * A file of tokens: pages of 4096 bytes. The first is the header: "LIGOTOKN", version and length of the JSON that follows
 * (uint32 each, little-endian), SHA-256 of that JSON, the JSON. Each page behind it holds 4064 bytes of token ids (uint16, or
 * uint32 where the vocabulary is larger) and the SHA-256 of its number (uint32) and these bytes. So any token can be had and
 * checked by reading its page, whatever the size of the file.
 */

const MAGIC = "LIGOTOKN";
const VERSION = 1;
const PAGE = 4096;
const DIGEST = 32;
const PAYLOAD = PAGE - DIGEST;
const HEADER = MAGIC.length + 8 + DIGEST;
/** Pages written at once. */
const WRITTEN_PAGES = 64;

interface Header {
  readonly key: string;
  readonly bytesPerToken: 2 | 4;
  readonly count: number;
  readonly largest: number;
  readonly sha256: string;
  readonly badRows: BadRows;
}

/** Tokens in a file; `close` gives the file back. */
export interface TokenFile extends TokenStore {
  close(): void;
}

/**
 * Writes a file of tokens, all or nothing: `fill` puts them into the sink, the file is synced and renamed. Two processes may
 * do so at once. Throws `data/cache-unwritable`, and what `fill` throws.
 *
 * @param key what the file is of; who opens it must know it
 */
export async function writeTokenFile(
  path: string,
  { key, vocabularySize }: { readonly key: string; readonly vocabularySize: number },
  fill: (sink: TokenSink) => Promise<BadRows>,
): Promise<void> {
  const partial = partialBeside(path);
  try {
    const handle = await open(partial, "wx");
    try {
      const pages = createPages(handle.fd, vocabularySize > 2 ** 16 ? 4 : 2);
      const badRows = await fill(pages);
      writeSync(handle.fd, headerPage({ key, ...pages.end(), badRows }), 0, PAGE, 0);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw cause instanceof DataError || !isSystemError(cause) ? cause : unwritable(path, cause);
  }
}

interface Pages extends TokenSink {
  /** Writes what is left, and says what was written. */
  end(): Omit<Header, "key" | "badRows">;
}

/** Cuts ids into pages, which go into an open file behind the header. */
function createPages(fd: number, bytesPerToken: 2 | 4): Pages {
  const perPage = PAYLOAD / bytesPerToken;
  const page = new Int32Array(perPage);
  const written = Buffer.alloc(WRITTEN_PAGES * PAGE);
  const hash = createHash("sha256");
  let [held, pages, largest, filled, position] = [0, 0, -1, 0, PAGE];
  const flush = (): void => {
    for (let done = 0; done < filled;) {
      done += writeSync(fd, written, done, filled - done, position + done);
    }
    position += filled;
    filled = 0;
  };
  const closePage = (): void => {
    hash.update(bytesOf(page.subarray(0, held)));
    page.fill(0, held);
    const bytes = written.subarray(filled, filled + PAGE);
    idsIn(bytes, bytesPerToken).set(page);
    bytes.set(pageDigest(pages++, bytes.subarray(0, PAYLOAD)), PAYLOAD);
    filled += PAGE;
    held = 0;
    if (filled === written.length) flush();
  };
  let count = 0;
  return {
    isFull: false,
    push(ids) {
      for (const id of ids) {
        if (id > largest) largest = id;
        page[held++] = id;
        if (held === perPage) closePage();
      }
      count += ids.length;
    },
    end() {
      if (held > 0) closePage();
      flush();
      return { bytesPerToken, count, largest, sha256: hash.digest("hex") };
    },
  };
}

/** The ids in a page, without a copy. */
function idsIn({ buffer, byteOffset }: Buffer, bytesPerToken: 2 | 4): Uint16Array | Uint32Array {
  const perPage = PAYLOAD / bytesPerToken;
  return bytesPerToken === 2
    ? new Uint16Array(buffer, byteOffset, perPage)
    : new Uint32Array(buffer, byteOffset, perPage);
}

function pageDigest(page: number, payload: Uint8Array): Uint8Array {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(page);
  return createHash("sha256").update(number).update(payload).digest();
}

function headerPage(header: Header): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const page = Buffer.alloc(PAGE);
  page.write(MAGIC, "latin1");
  page.writeUInt32LE(VERSION, 8);
  page.writeUInt32LE(json.length, 12);
  sha256(json).copy(page, 16);
  json.copy(page, HEADER);
  return page;
}

/**
 * Opens a file of tokens with this key. The header is checked at once, every page when it is first read.
 *
 * @throws DataError `data/bad-cache` where it is damaged, cut off, or none of ours; later too, from `read`
 */
export function openTokenFile(path: string, key: string): TokenFile {
  const fd = openSync(path, "r");
  try {
    return readTokens(path, fd, readHeader(path, fd, key));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function readHeader(path: string, fd: number, key: string): Header {
  const page = Buffer.alloc(PAGE);
  if (readSync(fd, page, 0, PAGE, 0) < PAGE) throw badCache(path, "it is shorter than its header");
  if (page.toString("latin1", 0, MAGIC.length) !== MAGIC)
    throw badCache(path, "it holds no tokens");
  const version = page.readUInt32LE(8);
  if (version !== VERSION) throw badCache(path, `it is of version ${version}, not ${VERSION}`);
  const length = page.readUInt32LE(12);
  const json = page.subarray(HEADER, HEADER + length);
  if (json.length < length || !sha256(json).equals(page.subarray(16, HEADER))) {
    throw badCache(path, "its header is damaged");
  }
  // A header that the digest of our own version vouches for has the shape we wrote.
  const header = JSON.parse(json.toString()) as Header;
  if (header.key !== key) throw badCache(path, "it is of other texts or another tokenizer");
  const pages = Math.ceil((header.count * header.bytesPerToken) / PAYLOAD);
  const { size } = fstatSync(fd);
  const expected = PAGE * (1 + pages);
  if (size !== expected) throw badCache(path, `it has ${size} bytes instead of ${expected}`);
  return header;
}

function readTokens(path: string, fd: number, header: Header): TokenFile {
  const { bytesPerToken } = header;
  const perPage = PAYLOAD / bytesPerToken;
  const pages = Math.ceil(header.count / perPage);
  const checked = new Uint8Array(Math.ceil(pages / 8));
  const page = Buffer.alloc(PAGE);
  const tokens = idsIn(page, bytesPerToken);
  const load = (number: number): void => {
    if (readSync(fd, page, 0, PAGE, PAGE * (1 + number)) < PAGE) {
      throw badCache(path, `page ${number} is cut off`);
    }
    const [at, bit] = [number >> 3, 1 << (number & 7)];
    if (((checked[at] ?? 0) & bit) !== 0) return;
    const digest = pageDigest(number, page.subarray(0, PAYLOAD));
    if (!page.subarray(PAYLOAD).equals(digest)) throw badCache(path, `page ${number} is damaged`);
    checked[at] = (checked[at] ?? 0) | bit;
  };
  return {
    count: header.count,
    largest: header.largest,
    sha256: header.sha256,
    badRows: header.badRows,
    file: path,
    read(start, into) {
      for (let done = 0; done < into.length;) {
        const number = Math.floor((start + done) / perPage);
        const from = start + done - number * perPage;
        const taken = Math.min(perPage - from, into.length - done);
        load(number);
        into.set(tokens.subarray(from, from + taken), done);
        done += taken;
      }
    },
    close: () => closeSync(fd),
  };
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  // Not every file system can sync a folder.
  await handle.sync().catch(() => undefined);
  await handle.close();
}

function isSystemError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).code === "string";
}

export function unwritable(path: string, cause: unknown): DataError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DataError(
    "data/cache-unwritable",
    `The tokens cannot be kept in ${path}: ${reason}. Name a cache folder with room, or go without one, in memory.`,
    { file: path, cause },
  );
}

function badCache(path: string, reason: string): DataError {
  return new DataError(
    "data/bad-cache",
    `The cached tokens ${path} cannot be used: ${reason}. Remove the file; it is made again from the texts.`,
    { file: path, actual: reason },
  );
}
