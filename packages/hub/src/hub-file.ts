import * as z from "@ligo/core/zod";
import { printable, redacted } from "@ligo/core/json";
import { HubError } from "./hub-error.js";
import { shownText } from "./hub-failure.js";
import type { HubSettings } from "./hub-settings.js";

/** One file of a repository at a commit. */
export interface HubFile {
  readonly path: string;
  readonly size: number;
  /** Git's SHA-1 of the file, or of the pointer to it where it is stored outside of git. */
  readonly blobId: string;
  /** Hash of a file that is stored outside of git. */
  readonly sha256?: string | undefined;
  readonly xetHash?: string | undefined;
}

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`, "u"));
const count = z.int().nonnegative();

/** Files as `@huggingface/hub` lists them. */
const listed = z.object({
  path: z.string().refine(isSafePath),
  size: count,
  oid: hex(40),
  lfs: z.object({ oid: hex(64), size: count }).optional(),
  xetHash: hex(64).optional(),
});

/** Checks what a hub lists. Its answers name files that are written: a bad one could lead outside of the cache. */
export function checkListed(
  entry: unknown,
  from: string,
  settings: Pick<HubSettings, "token">,
): HubFile {
  const parsed = listed.safeParse(entry);
  const named = pathOf(entry);
  // a path with the token in it would be written into the cache
  if (!parsed.success || holdsToken(parsed.data.path, settings)) {
    const actual = named === undefined ? "one without a path" : shownText(named, settings);
    throw new HubError(
      "hub/bad-response",
      `${from} lists a file that is not acceptable: ${JSON.stringify(actual)}. Check HF_ENDPOINT.`,
      { file: from, expected: "a safe path, a size and hashes", actual },
    );
  }
  const { path, size, oid, lfs, xetHash } = parsed.data;
  return { path, size: lfs?.size ?? size, blobId: oid, sha256: lfs?.oid, xetHash };
}

const holdsToken = (path: string, { token }: Pick<HubSettings, "token">): boolean =>
  token !== undefined && redacted(path, [token]) !== redacted(path);

/** The path of an entry, whatever else it holds: another form may be nested without end. */
function pathOf(entry: unknown): string | undefined {
  const isNamed = typeof entry === "object" && entry !== null && "path" in entry;
  return isNamed && typeof entry.path === "string" ? entry.path : undefined;
}

const stored = z.object({
  format_version: z.literal(1),
  files: z.record(
    z.string().refine(isSafePath),
    z.object({
      size: count,
      blob_id: hex(40),
      lfs_sha256: hex(64).nullish(),
      lfs_size: count.nullish(),
      xet_hash: hex(64).nullish(),
    }),
  ),
});

/** The listing of a commit, as Python's `huggingface_hub` keeps it in its cache. Undefined for anything else. */
export function parseListing(json: unknown): readonly HubFile[] | undefined {
  const parsed = stored.safeParse(json);
  if (!parsed.success) return undefined;
  return Object.entries(parsed.data.files).map(([path, file]) => ({
    path,
    size: file.lfs_size ?? file.size,
    blobId: file.blob_id,
    sha256: file.lfs_sha256 ?? undefined,
    xetHash: file.xet_hash ?? undefined,
  }));
}

export function formatListing(files: readonly HubFile[]): string {
  const entries = files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, size, blobId, sha256, xetHash }): [string, object] => [
      path,
      {
        size,
        blob_id: blobId,
        ...(sha256 === undefined ? {} : { lfs_sha256: sha256, lfs_size: size }),
        ...(xetHash === undefined ? {} : { xet_hash: xetHash }),
      },
    ]);
  return JSON.stringify({ format_version: 1, files: Object.fromEntries(entries) }, undefined, 1);
}

/** The name of a file's contents in the cache: the ETag the hub gives it. */
export const etagOf = ({ sha256, blobId }: HubFile): string => sha256 ?? blobId;

/** A relative path with no way up, that is the same on every system. */
function isSafePath(path: string): boolean {
  return (
    path.length <= 1000 &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..") &&
    !/[\p{Cc}\p{Cs}\\:]/u.test(path) &&
    printable(path) === path
  );
}
