import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Architecture } from "@ligo/core";
import { shortened } from "@ligo/core/json";
import { knownModelTypes, listedPackage, packageNames } from "./architecture-packages.js";
import { installedPackage, moduleAt, type PackagePlaces } from "./installed-package.js";
import { isPackageName } from "./package-name.js";
import { UsageError } from "../usage-error.js";

export interface FindArchitectureOptions {
  /** Package name or path to load, instead of looking by model type. */
  readonly architecture?: string | undefined;
  /** Architectures at hand; looked through first. */
  readonly architectures?: readonly Architecture[] | undefined;
  /** Folder of the project whose packages are looked through after ligo's own. Default: the working directory. */
  readonly from?: string | undefined;
  /** Folder of the checkpoint that the model type is of: no code in it, or in a folder above it, is taken. */
  readonly checkpoint?: string | undefined;
}

const SPEC_VERSION = "v1";

/** Model types are short words; a longer one is no name but somebody's attempt. */
const MODEL_TYPE = /^[a-z\d][\w.-]{0,63}$/iu;

/**
 * Finds the architecture of a model type: among those given, else in the package or file `options.architecture`, else in the
 * package that {@link packageNames} lists for it, `@ligo/<model type>` for a type it does not list, else in
 * `ligo-architecture-<model type>`. Packages are those of ligo's own installation, then those of the project in
 * `options.from`; never those that lie in the checkpoint's folder or above it.
 *
 * Throws a {@link UsageError}: `sdk/unknown-architecture` with the architectures there are, `sdk/bad-model-type`,
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
  if (!MODEL_TYPE.test(modelType)) {
    const shown = shortened(modelType);
    throw new UsageError(
      "sdk/bad-model-type",
      `${JSON.stringify(shown)} is no model type. Correct "model_type" in config.json. Known are ${knownModelTypes}.`,
      { expected: "a name such as bert", actual: shown },
    );
  }
  const places = { from: options.from ?? process.cwd(), checkpoint: options.checkpoint };
  const { architecture: asked } = options;
  if (asked !== undefined) return loadArchitecture(askedModule(asked, places), modelType);
  for (const name of packageNames(modelType)) {
    const file = installedPackage(name, places);
    const found = file === undefined ? undefined : await tryArchitecture(file, modelType);
    if (found !== undefined) return found;
  }
  throw unknownArchitecture(modelType);
}

/** The module that a caller names: a package by its name, else a file or a folder of the caller's own. */
function askedModule(asked: string, places: PackagePlaces): string {
  const named = isPackageName(asked) ? installedPackage(asked, places) : undefined;
  const file = named ?? moduleAt(resolve(places.from, asked));
  if (file !== undefined) return file;
  const shown = shortened(asked);
  throw new UsageError(
    "sdk/architecture-not-found",
    `There is no package and no file "${shown}" to take the architecture from. Check \`architecture\`: a package is looked for ` +
      "beside ligo, then in the project of the working directory, and never in a folder that the checkpoint lies in; give " +
      "the path of one that is there.",
    { file: shown },
  );
}

function unknownArchitecture(modelType: string): UsageError {
  const own = listedPackage(modelType);
  const advice =
    own === undefined
      ? `Known are ${knownModelTypes}. An architecture package of your own or of others is taken where you name it: give its ` +
        "package name, or the path of its module, as `architecture`."
      : `Add it with\nnpm install ${own}`;
  return new UsageError(
    "sdk/unknown-architecture",
    `No architecture for models of type "${modelType}" is installed. ${advice}`,
    { expected: own ?? knownModelTypes, actual: modelType },
  );
}

/** The architecture of a package that was found by the name of the model type; `undefined` where it holds none at all. */
async function tryArchitecture(file: string, modelType: string): Promise<Architecture | undefined> {
  const candidates = await exportedArchitectures(file);
  return candidates.length === 0 ? undefined : fittingArchitecture(candidates, file, modelType);
}

async function loadArchitecture(file: string, modelType: string): Promise<Architecture> {
  return fittingArchitecture(await exportedArchitectures(file), file, modelType);
}

async function exportedArchitectures(file: string): Promise<readonly Architecture[]> {
  const exported = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  return Object.values(exported).filter(looksLikeArchitecture);
}

function fittingArchitecture(
  candidates: readonly Architecture[],
  file: string,
  modelType: string,
): Architecture {
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
