import { constants } from "node:fs";
import { lstat, open, readdir, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

/** An object of a JSON file, as it was read. */
export type Json = Readonly<Record<string, unknown>>;

/** Bytes of the largest JSON file that is read: records of models with many tensors are long. */
const LONGEST = 2 ** 26;

/**
 * Opens a file for reading, unless it is a link: whoever can write into a run's folder could lead out of it otherwise.
 * `undefined` where there is no such file.
 */
export async function openRegular(file: string): Promise<FileHandle | undefined> {
  try {
    // Windows knows no such flag; links are told by their status there
    if ((await lstat(file)).isSymbolicLink()) return undefined;
    const noFollow = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0;
    const handle = await open(file, constants.O_RDONLY | noFollow);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
  } catch {
    // it was removed meanwhile, or may not be read
  }
  return undefined;
}

/** The object in a JSON file; `undefined` where there is none that can be read. */
export async function readObject(file: string): Promise<Json | undefined> {
  const handle = await openRegular(file);
  if (handle === undefined) return undefined;
  try {
    if ((await handle.stat()).size > LONGEST) return undefined;
    const value: unknown = JSON.parse(await handle.readFile("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Names in a folder: of folders, and of files; links are left out. */
export async function namesIn(
  folder: string,
): Promise<{ readonly folders: readonly string[]; readonly files: readonly string[] }> {
  try {
    // a folder that is a link leads elsewhere
    if (!(await lstat(folder)).isDirectory()) return { folders: [], files: [] };
    const entries = await readdir(folder, { withFileTypes: true });
    const named = (wanted: (entry: (typeof entries)[number]) => boolean): string[] =>
      entries
        .filter(wanted)
        .map(({ name }) => name)
        .toSorted();
    return {
      folders: named((entry) => entry.isDirectory()),
      files: named((entry) => entry.isFile()),
    };
  } catch {
    return { folders: [], files: [] };
  }
}

/** When a file was written last, in milliseconds; `undefined` where there is none. */
export async function writtenAt(folder: string, name: string): Promise<number | undefined> {
  try {
    return (await lstat(join(folder, name))).mtimeMs;
  } catch {
    return undefined;
  }
}

/** The value at a path of keys. */
function at(value: unknown, path: readonly string[]): unknown {
  let inner = value;
  for (const key of path)
    inner = isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined;
  return inner;
}

export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, path);
  return typeof found === "number" && Number.isFinite(found) ? found : undefined;
}

export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, path);
  return typeof found === "string" ? found : undefined;
}

/** Numbers of an object by their names. */
export const numbersAt = (value: unknown, ...path: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(objectAt(value, ...path)).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    ),
  );

export function objectAt(value: unknown, ...path: readonly string[]): Json {
  const found = at(value, path);
  return isObject(found) ? found : {};
}
