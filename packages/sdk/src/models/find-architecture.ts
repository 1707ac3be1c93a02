import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Architecture } from "@ligo/core";
import { packageNames } from "./architecture-packages.js";
import { UsageError } from "../usage-error.js";

export interface FindArchitectureOptions {
  /** Package name or path to load, instead of looking by model type. */
  readonly architecture?: string | undefined;
  /** Architectures at hand; looked through first. */
  readonly architectures?: readonly Architecture[] | undefined;
  /** Folder packages are looked up from first. Default: the working directory. */
  readonly from?: string | undefined;
}

const SPEC_VERSION = "v1";

/**
 * Finds the architecture of a model type: among those given, else in the package `options.architecture`, else in the
 * package that {@link packageNames} lists for it, `@ligo/<model type>` for a type it does not list, else in `ligo-architecture-<model type>`. Packages are looked up from the working directory, then
 * from here.
 *
 * Throws a {@link UsageError}: `sdk/unknown-architecture` with the line that installs it, `sdk/bad-model-type`,
 * `sdk/architecture-version`, `sdk/no-architecture-export`, `sdk/architecture-not-found`.
 */
export async function findArchitecture(
  modelType: string,
  options: FindArchitectureOptions = {},
): Promise<Architecture> {
  const given = options.architectures?.find((architecture) =>
    architecture.modelTypes.includes(modelType),
  );
  if (given !== undefined) return given;
  // The model type comes from a downloaded file: it must not lead outside the installed packages.
  if (!/^[a-z\d][\w.-]*$/i.test(modelType)) {
    throw new UsageError(
      "sdk/bad-model-type",
      `"${modelType}" is no model type. Correct "model_type" in config.json.`,
      { expected: "a name such as bert", actual: modelType },
    );
  }
  const places = [options.from ?? process.cwd(), dirname(fileURLToPath(import.meta.url))];
  const asked = options.architecture;
  if (asked !== undefined) {
    const file = resolvePath(asked, places) ?? resolvePackage(asked, places);
    if (file !== undefined) return loadArchitecture(file, modelType);
    throw new UsageError(
      "sdk/architecture-not-found",
      `There is no package and no file "${asked}" to take the architecture from. Check \`architecture\`.`,
      { file: asked },
    );
  }
  const names = packageNames(modelType);
  for (const name of names) {
    const file = resolvePackage(name, places);
    if (file !== undefined) return loadArchitecture(file, modelType);
  }
  throw new UsageError(
    "sdk/unknown-architecture",
    `No architecture for models of type "${modelType}" is installed. Add it with\nnpm install ${names[0]}`,
    { expected: names.join(" or "), actual: "neither" },
  );
}

async function loadArchitecture(file: string, modelType: string): Promise<Architecture> {
  const exported = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  const candidates = Object.values(exported).filter(looksLikeArchitecture);
  const fitting = candidates.filter(({ modelTypes }) => modelTypes.includes(modelType));
  const found = fitting.find((candidate) => candidate.specVersion === SPEC_VERSION);
  if (found !== undefined) return found;
  const [other] = fitting;
  if (other !== undefined) {
    const actual: string = other.specVersion;
    throw new UsageError(
      "sdk/architecture-version",
      `The architecture in ${file} is made for specification ${actual}, this ligo for ${SPEC_VERSION}. ` +
        "Install versions of both that belong together.",
      { file, expected: SPEC_VERSION, actual },
    );
  }
  const types = candidates.flatMap(({ modelTypes }) => modelTypes).join(", ") || "none";
  throw new UsageError(
    "sdk/no-architecture-export",
    `${file} exports no architecture for models of type "${modelType}" (it exports: ${types}).`,
    { file, expected: modelType, actual: types },
  );
}

function looksLikeArchitecture(value: unknown): value is Architecture {
  return (
    typeof value === "object" &&
    value !== null &&
    "specVersion" in value &&
    "modelTypes" in value &&
    Array.isArray(value.modelTypes) &&
    "layout" in value &&
    typeof value.layout === "function"
  );
}

/** A file named by its path; a folder stands for the package in it. */
function resolvePath(path: string, [from = "."]: readonly string[]): string | undefined {
  const file = resolve(from, path);
  if (!existsSync(file)) return undefined;
  return statSync(file).isDirectory() ? packageEntry(file) : file;
}

function resolvePackage(name: string, places: readonly string[]): string | undefined {
  for (const place of places) {
    const found = resolveByNode(name, place) ?? resolveByFolders(name, place);
    if (found !== undefined) return found;
  }
  return undefined;
}

function resolveByNode(name: string, place: string): string | undefined {
  try {
    return createRequire(join(place, "here.js")).resolve(name);
  } catch {
    return undefined;
  }
}

/** For packages that only export to `import`, which `require.resolve` refuses. */
function resolveByFolders(name: string, place: string): string | undefined {
  for (let folder = resolve(place); ; folder = dirname(folder)) {
    const entry = packageEntry(join(folder, "node_modules", name));
    if (entry !== undefined) return entry;
    if (folder === dirname(folder)) return undefined;
  }
}

/** The module a package folder exports to `import`. */
function packageEntry(folder: string): string | undefined {
  const manifestFile = join(folder, "package.json");
  if (!existsSync(manifestFile)) return undefined;
  const manifest = JSON.parse(readFileSync(manifestFile, "utf8")) as {
    readonly exports?: unknown;
    readonly main?: string;
  };
  const entry = exportTarget(manifest.exports) ?? manifest.main ?? "index.js";
  const file = join(folder, entry);
  return existsSync(file) ? file : undefined;
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
