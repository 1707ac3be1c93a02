import { readdir as readdirOf } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { callbackify } from "node:util";
import { glob } from "tinyglobby";
import { unreadable } from "../errors/unreadable.js";

/** Entry of a folder as it is walked: a link is the file or folder it leads to. */
interface Entry {
  readonly name: string;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/**
 * Characters that stand for themselves in our globs, but not in those of the library. Its ranges are among them: it takes
 * `{1..12}` for one of the characters 1 and 2.
 */
const LITERAL = /[[\]()!+@|"]|\{(?=[^{},]*\.\.)/gu;

/**
 * Files below a folder that fit a glob: paths from the folder on, in no order. Links are followed, but not to a folder that
 * they lie in; one that leads nowhere is a file. `*`, `?` and `**` match no name that begins with a dot.
 *
 * @param onHidden is told every name that begins with a dot in a folder that was read, as a path from the folder on
 * @throws DataError `data/unreadable` names a folder that cannot be read.
 */
export async function listFiles(
  folder: string,
  pattern: string,
  onHidden: (path: string) => void = () => undefined,
): Promise<string[]> {
  const { failures, hidden, readFolder } = folderReader();
  const files = await glob(pattern.replaceAll(LITERAL, String.raw`\$&`), {
    cwd: folder,
    expandDirectories: false,
    extglob: false,
    fs: { readdir: readFolder as unknown as typeof readdirOf },
  });
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  const root = `${resolve(folder)}/`.replace(/\/+$/u, "/");
  for (const path of hidden) onHidden(path.slice(root.length));
  return files;
}

/** Reads folders for the library, which drops links that lead nowhere and passes over folders that cannot be read. */
function folderReader(): {
  readonly failures: readonly Error[];
  /** Entries whose names begin with a dot, and that lie in no folder of that kind. */
  readonly hidden: readonly string[];
  readonly readFolder: (
    folder: string,
    options: unknown,
    done: (error: Error | null, entries: readonly Entry[]) => void,
  ) => void;
} {
  const failures: Error[] = [];
  const hidden: string[] = [];
  /** Real paths of the folders that a folder lies in. */
  const above = new Map<string, ReadonlySet<string>>();
  const entriesOf = async (folder: string): Promise<readonly Entry[]> => {
    const real = await realpath(folder);
    const outside = above.get(folder) ?? new Set();
    // A link back to a folder above would never end.
    if (outside.has(real)) return [];
    const inside = new Set(outside).add(real);
    const list = await readdir(folder, { withFileTypes: true });
    return Promise.all(
      list.map(async (entry) => {
        const path = `${folder}${entry.name}`;
        if (entry.name.startsWith(".")) hidden.push(path);
        const leadsToFolder = async (): Promise<boolean> =>
          (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
        const isFolder = entry.isSymbolicLink() ? await leadsToFolder() : entry.isDirectory();
        if (isFolder) above.set(`${path}/`, inside);
        return {
          name: entry.name,
          isFile: () => !isFolder,
          isDirectory: () => isFolder,
          isSymbolicLink: () => false,
        };
      }),
    );
  };
  const read = callbackify(async (folder: string) =>
    entriesOf(folder).catch((cause: unknown) => {
      failures.push(unreadable(folder.replace(/(?<=.)\/$/u, ""), cause));
      return [];
    }),
  );
  return { failures, hidden, readFolder: (folder, _options, done) => read(folder, done) };
}
