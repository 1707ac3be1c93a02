import { readdir, realpath, stat } from "node:fs/promises";
import { DataError } from "../errors/data-error.js";
import { unreadable } from "../errors/unreadable.js";

/** Extensions of plain text. */
export const TEXT_EXTENSIONS: readonly string[] = [
  ".txt",
  ".text",
  ".md",
  ".markdown",
  ".mdx",
  ".rst",
  ".adoc",
  ".org",
  ".tex",
];

/** Extensions of tables with a column of texts. `.json` is not among them: most such files are none. */
const TABLE_EXTENSIONS: readonly string[] = [".jsonl", ".ndjson"];

/** Extensions taken from a folder unless told otherwise: text and tables, also gzipped. */
const DATA_EXTENSIONS: readonly string[] = [
  ...[...TEXT_EXTENSIONS, ...TABLE_EXTENSIONS].flatMap((one) => [one, `${one}.gz`]),
  ".parquet",
];

/** Options of {@link findTextFiles}. */
export interface FindTextOptions {
  /**
   * Extensions taken from folders, with the dot, in any case. Default: {@link TEXT_EXTENSIONS} and `.jsonl`, `.ndjson`, each
   * also with `.gz`, and `.parquet`. Files named outright and globs are not filtered.
   */
  readonly extensions?: readonly string[];
}

/**
 * The files that `patterns` name, in the order of the patterns, without repeats.
 *
 * A pattern is a file, a folder (walked in full, sorted by name, without hidden entries, only files with one of
 * `extensions`), or a glob: `*` and `?` match within a name, `**` matches any number of folders, and none of them matches
 * a name that begins with a dot. A path that exists is taken as it is, even if it holds such characters.
 *
 * @throws DataError `data/no-match` names a pattern that gives no file; `data/unreadable` a folder that cannot be read.
 */
export async function findTextFiles(
  patterns: readonly string[],
  options: FindTextOptions = {},
): Promise<string[]> {
  if (patterns.length === 0) {
    throw new DataError(
      "data/no-match",
      "No text was named; give at least one file, folder or glob.",
    );
  }
  const extensions = (options.extensions ?? DATA_EXTENSIONS).map((one) => one.toLowerCase());
  const found = new Set<string>();
  for (const pattern of patterns) {
    const files = await matchPattern(pattern, extensions);
    if (files.length === 0) throw noMatch(pattern, extensions);
    for (const file of files) found.add(file);
  }
  return [...found];
}

function noMatch(pattern: string, extensions: readonly string[]): DataError {
  return new DataError(
    "data/no-match",
    `"${pattern}" matches no text file; check the path (a folder gives only files ending in ${described(extensions)}; ` +
      "name other files outright or by a glob such as docs/**/*.log).",
    { file: pattern },
  );
}

/** Extensions in few words. */
function described(extensions: readonly string[]): string {
  const short = extensions.filter((one) => !one.endsWith(".gz"));
  return `${short.join(", ")}${short.length < extensions.length ? ", some of them with .gz" : ""}`;
}

async function matchPattern(pattern: string, extensions: readonly string[]): Promise<string[]> {
  const there = await stat(pattern).catch(() => undefined);
  if (there?.isDirectory()) {
    const files: string[] = [];
    await walk(pattern.replace(/(?<=.)\/+$/, ""), new Set(), files);
    return files.filter((file) => extensions.some((one) => file.toLowerCase().endsWith(one)));
  }
  if (there !== undefined) return [pattern];
  if (!/[*?]/.test(pattern)) return [];
  const files = new Set<string>();
  const absolute = pattern.startsWith("/");
  const segments = pattern.split("/").filter((segment) => segment !== "");
  await matchGlob(absolute ? "/" : "", segments, files);
  return [...files].sort(byCodeUnit);
}

/** Appends every file below `folder`, depth first and sorted; `above` holds the real paths of the folders it lies in. */
async function walk(folder: string, above: ReadonlySet<string>, files: string[]): Promise<void> {
  const real = await realpath(folder);
  // A link back to a folder above would never end.
  if (above.has(real)) return;
  const inside = new Set(above).add(real);
  for (const entry of await entries(folder)) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.folder) await walk(path, inside, files);
    else files.push(path);
  }
}

async function matchGlob(
  folder: string,
  segments: readonly string[],
  files: Set<string>,
): Promise<void> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (segment === "**") {
    const below: string[] = [];
    await walk(folder === "" ? "." : folder, new Set(), below);
    const tail = rest.length === 0 ? ["*"] : rest;
    const prefix = folder === "" ? "./" : folder.endsWith("/") ? folder : `${folder}/`;
    const matches = pathMatcher(["**", ...tail]);
    for (const file of below) {
      const relative = file.startsWith(prefix) ? file.slice(prefix.length) : file;
      if (matches(relative)) files.add(join(folder, relative));
    }
    return;
  }
  if (!/[*?]/.test(segment)) {
    const path = join(folder, segment);
    const there = await stat(path).catch(() => undefined);
    if (there === undefined) return;
    if (rest.length === 0) files.add(path);
    else if (there.isDirectory()) await matchGlob(path, rest, files);
    return;
  }
  const matches = nameMatcher(segment);
  for (const entry of await entries(folder === "" ? "." : folder)) {
    if (!matches.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (rest.length > 0 && entry.folder) await matchGlob(path, rest, files);
    if (rest.length === 0 && !entry.folder) files.add(path);
  }
}

/** Whether a relative path fits segments that may hold `**`. */
function pathMatcher(segments: readonly string[]): (path: string) => boolean {
  const matchers = segments.map((segment) => (segment === "**" ? "**" : nameMatcher(segment)));
  const fits = (names: readonly string[], name: number, matcher: number): boolean => {
    const one = matchers[matcher];
    if (one === undefined) return name === names.length;
    if (one === "**") {
      return (
        fits(names, name, matcher + 1) || (name < names.length && fits(names, name + 1, matcher))
      );
    }
    const text = names[name];
    return text !== undefined && one.test(text) && fits(names, name + 1, matcher + 1);
  };
  return (path) => fits(path.split("/"), 0, 0);
}

/** The regular expression of one segment of a glob. */
function nameMatcher(segment: string): RegExp {
  const source = segment
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, "[^/]*")
    .replace(/\?/g, "[^/]");
  return new RegExp(`^${segment.startsWith(".") ? "" : "(?!\\.)"}${source}$`, "u");
}

async function entries(
  folder: string,
): Promise<readonly { readonly name: string; readonly folder: boolean }[]> {
  const list = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(folder, cause);
  });
  const kinds = await Promise.all(
    list.map(async (entry) => {
      if (!entry.isSymbolicLink()) return entry.isDirectory();
      const target = await stat(join(folder, entry.name)).catch(() => undefined);
      return target?.isDirectory() ?? false;
    }),
  );
  return list
    .map((entry, index) => ({ name: entry.name, folder: kinds[index] ?? false }))
    .sort((left, right) => byCodeUnit(left.name, right.name));
}

/** Joins without normalising, so that files are named as the user wrote them. */
function join(folder: string, name: string): string {
  if (folder === "" || folder.endsWith("/")) return `${folder}${name}`;
  return `${folder}/${name}`;
}

/** The same order on every machine, whatever its locale. */
function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
