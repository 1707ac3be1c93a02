import { stat } from "node:fs/promises";
import { DataError } from "../errors/data-error.js";
import { listFiles } from "./list-files.js";

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

/** Characters of which one makes a name a glob. */
const GLOB = /[*?{]/u;

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
 * a name that begins with a dot; `{a,b}` matches either. Other characters stand for themselves. A path that exists is taken
 * as it is, even if it holds such characters; in others a backslash separates names as a slash does.
 *
 * @throws DataError `data/no-match` names a pattern that gives no file; `data/unreadable` a folder that cannot be read.
 */
export async function findTextFiles(
  patterns: readonly string[],
  options: FindTextOptions = {},
): Promise<string[]> {
  return (await matchPatterns(patterns, options)).files;
}

/** A file of a folder that is not read, as its name is hidden or of another kind; or one that is read and holds nothing. */
export interface LeftOutFile {
  readonly file: string;
  readonly why: "hidden" | "kind" | "empty";
}

/** Files that patterns name, and what of their folders is left out. */
export interface FoundFiles {
  readonly files: readonly string[];
  readonly leftOut: readonly LeftOutFile[];
}

/** As {@link findTextFiles}, with what is left out. */
export async function findFiles(
  patterns: readonly string[],
  options: FindTextOptions = {},
): Promise<FoundFiles> {
  const { files, leftOut } = await matchPatterns(patterns, options);
  for (const file of files) {
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() === true && found.size === 0) leftOut.push({ file, why: "empty" });
  }
  return { files, leftOut };
}

interface Matched {
  readonly files: string[];
  readonly leftOut: LeftOutFile[];
}

async function matchPatterns(
  patterns: readonly string[],
  options: FindTextOptions,
): Promise<Matched> {
  if (patterns.length === 0) {
    throw new DataError(
      "data/no-match",
      "No text was named; give at least one file, folder or glob.",
    );
  }
  const extensions = (options.extensions ?? DATA_EXTENSIONS).map((one) => one.toLowerCase());
  const found = new Set<string>();
  const others = new Map<string, LeftOutFile>();
  for (const pattern of patterns) {
    const { files, leftOut } = await matchPattern(pattern, extensions);
    if (files.length === 0) throw noMatch(pattern, extensions);
    for (const file of files) found.add(file);
    for (const one of leftOut) others.set(one.file, one);
  }
  return {
    files: [...found],
    leftOut: [...others.values()].filter(({ file }) => !found.has(file)),
  };
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

async function matchPattern(pattern: string, extensions: readonly string[]): Promise<Matched> {
  const slashed = withSlashes(pattern);
  for (const path of new Set([pattern, slashed])) {
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory()) return folderFiles(path, extensions);
    if (there !== undefined) return { files: [path], leftOut: [] };
  }
  const { folder, glob } = await splitGlob(slashed);
  if (!GLOB.test(glob)) return { files: [], leftOut: [] };
  const files = await listFiles(folder === "" ? "." : folder, glob);
  return { files: files.map((file) => join(folder, file)).sort(byCodeUnit), leftOut: [] };
}

/** Backslashes separate names, as on Windows. */
function withSlashes(pattern: string): string {
  return pattern.replaceAll("\\", "/");
}

/** Files of a folder with one of the extensions, folder by folder, sorted by name, and those without. */
async function folderFiles(folder: string, extensions: readonly string[]): Promise<Matched> {
  const hidden: string[] = [];
  const files = await listFiles(folder, "**", (path) => hidden.push(path));
  const isRead = (file: string): boolean =>
    extensions.some((one) => file.toLowerCase().endsWith(one));
  const sorted = (names: readonly string[]): string[] =>
    names
      .map((file) => ({ file, key: file.replaceAll("/", "\0") }))
      .sort((left, right) => byCodeUnit(left.key, right.key))
      .map(({ file }) => join(folder.replace(/(?<=.)\/+$/u, ""), file));
  const others = sorted(files.filter((file) => !isRead(file)));
  return {
    files: sorted(files.filter(isRead)),
    leftOut: [
      ...others.map((file) => ({ file, why: "kind" as const })),
      ...sorted(hidden).map((file) => ({ file, why: "hidden" as const })),
    ],
  };
}

/** Folders at the start of a glob that are there are taken as they are, whatever their names; the rest is to be matched. */
async function splitGlob(
  pattern: string,
): Promise<{ readonly folder: string; readonly glob: string }> {
  let folder = pattern.startsWith("/") ? "/" : "";
  const names = pattern.split("/").filter((name) => name !== "");
  while (names.length > 1) {
    const next = join(folder, names[0] ?? "");
    const there = await stat(next).catch(() => undefined);
    if (there?.isDirectory() !== true) break;
    folder = next;
    names.shift();
  }
  // A name before the first special one that is not there cannot match.
  return { folder, glob: GLOB.test(names[0] ?? "") ? names.join("/") : "" };
}

/** Joins without normalising, so that files are named as the user wrote them. */
function join(folder: string, name: string): string {
  if (folder === "" || folder.endsWith("/")) return `${folder}${name}`;
  return `${folder}/${name}`;
}

/** Order by code units: the same on every machine, whatever its locale. */
function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
