import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Where packages are looked for. */
export interface PackagePlaces {
  /** Folder of the project that is worked in. */
  readonly from: string;
  /** Folder of a checkpoint: no package in it, or in a folder above it, is taken. */
  readonly checkpoint?: string | undefined;
}

/**
 * The module of an installed package: as ligo's own installation has it, else as Node.js resolves it from the `package.json` of
 * the project around `from`. A folder that a checkpoint lies in is passed over in the second search, so that what was
 * downloaded never brings its own code.
 */
export function installedPackage(name: string, places: PackagePlaces): string | undefined {
  return ownPackage(name) ?? projectPackage(name, places);
}

/** The module of a package folder, or a file as it is; `undefined` where there is neither. */
export function moduleAt(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  return statSync(path).isDirectory() ? packageEntry(path) : path;
}

function ownPackage(name: string): string | undefined {
  const here = dirname(fileURLToPath(import.meta.url));
  try {
    const found = createRequire(join(here, "here.js")).resolve(name);
    // modules of Node.js have no path
    if (isAbsolute(found)) return found;
  } catch {
    // packages that export to `import` only are found below
  }
  return firstEntry(foldersUp(here), name);
}

function projectPackage(name: string, { checkpoint, from }: PackagePlaces): string | undefined {
  const folders = foldersUp(realPath(from));
  const project = folders.findIndex((folder) => existsSync(join(folder, "package.json")));
  if (project < 0) return undefined;
  const shut = checkpoint === undefined ? undefined : realPath(checkpoint);
  const isOpen = (folder: string): boolean =>
    shut === undefined || !(isInside(folder, shut) || isInside(shut, folder));
  const found = firstEntry(folders.slice(project).filter(isOpen), name);
  // a link may lead back
  return found !== undefined && isOpen(dirname(realPath(found))) ? found : undefined;
}

/** A folder and those above it, the nearest first. */
function foldersUp(start: string): readonly string[] {
  const folders = [start];
  for (let folder = start; folder !== dirname(folder);) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders;
}

function firstEntry(folders: readonly string[], name: string): string | undefined {
  for (const folder of folders) {
    const entry = packageEntry(join(folder, "node_modules", name));
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/** Whether a path is a folder, or lies in it. */
function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The module a package folder exports to `import`. */
function packageEntry(folder: string): string | undefined {
  const manifest = readManifest(join(folder, "package.json"));
  if (manifest === undefined) return undefined;
  const { exports: exported, main } = manifest;
  const entry = exportTarget(exported) ?? (typeof main === "string" ? main : "index.js");
  const file = join(folder, entry);
  return existsSync(file) && isInside(file, folder) ? file : undefined;
}

function readManifest(
  file: string,
): { readonly exports?: unknown; readonly main?: unknown } | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof manifest === "object" && manifest !== null ? manifest : undefined;
  } catch {
    return undefined;
  }
}

function exportTarget(exported: unknown): string | undefined {
  if (typeof exported === "string") return exported;
  if (typeof exported !== "object" || exported === null) return undefined;
  for (const [condition, target] of Object.entries(exported)) {
    if (![".", "import", "node", "default"].includes(condition)) continue;
    const found = exportTarget(target);
    if (found !== undefined) return found;
  }
  return undefined;
}
