import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { ARCHITECTURE_PACKAGES } from "@ligo/sdk/models";
import { packageOf, parseImports, type Import } from "./imports.js";
import { isTestFile, root, rootManifest, type Workspace } from "./workspaces.js";

/**
 * Which packages of this repository a package may import, by folder: only what lies below it. Tests may also import what
 * they declare. Architectures are in no row but those of apps: the sdk finds them at run time, by the model type of
 * a checkpoint.
 */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  "packages/core": [],
  "packages/tfjs": [],
  "packages/nn": ["core", "tfjs"],
  "packages/engine": ["core", "tfjs"],
  "packages/checkpoint": ["core"],
  "packages/data": ["core"],
  "packages/images": ["core", "data"],
  "packages/hub": ["core", "checkpoint"],
  "packages/train": ["core", "tfjs", "nn", "engine"],
  // architectures
  ...Object.fromEntries(
    ARCHITECTURE_PACKAGES.map((one) => [
      one.package.replace("@ligo/", "packages/"),
      ["core", "tfjs", "nn"],
    ]),
  ),
  "packages/testkit": ["core", "tfjs", "nn", "engine", "checkpoint", "train"],
  "packages/sdk": ["core", "nn", "engine", "checkpoint", "hub", "data", "images", "train"],
  "packages/report": [],
  "packages/compare": ["core", "checkpoint", "sdk", "report"],
  "packages/board": ["core", "checkpoint", "sdk", "compare", "report"],
  "packages/cli": ["core", "checkpoint", "sdk", "compare", "report", "board"],
  "apps/bench":
    "core tfjs nn engine checkpoint data images train sdk compare report bert roberta gpt2 llama qwen vit deit cait dinov2".split(
      " ",
    ),
  // the planner knows them all, as values
  "apps/site": [
    "core",
    "sdk",
    ...ARCHITECTURE_PACKAGES.map((one) => one.package.replace("@ligo/", "")),
  ],
};

/** Packages that may name nothing beyond these, Node's own modules included. */
const pure: Readonly<Record<string, readonly string[]>> = { "packages/core": ["zod"] };

/**
 * Packages from outside the repository that builds hold, so that an installation does without them: devDependencies, which tsup
 * takes in.
 */
export const held: Readonly<Record<string, readonly string[]>> = {
  "packages/core": ["zod"],
  "packages/hub": ["@huggingface/hub"],
  "packages/tfjs": ["@tensorflow/tfjs-backend-cpu", "@tensorflow/tfjs-core"],
};

/** What is wrong with the imports of one file, in words; empty where nothing is. */
export function checkImports(workspace: Workspace, file: string, code: string): readonly string[] {
  return parseImports(code).flatMap((found) => {
    const complaint = checkImport(workspace, file, found);
    if (complaint === undefined) return [];
    return [`${workspace.folder}/${file}:${found.line} imports ${found.specifier}: ${complaint}`];
  });
}

function checkImport(workspace: Workspace, file: string, found: Import): string | undefined {
  const { specifier } = found;
  const { folder, manifest } = workspace;
  const test = isTestFile(file);

  if (specifier.startsWith(".")) {
    const target = join(folder, dirname(file), specifier);
    return relative(folder, target).startsWith("..")
      ? "a relative import leaves the package"
      : undefined;
  }
  if (specifier.startsWith("/")) return "an absolute path";

  const name = specifier.startsWith("node:") ? "node" : packageOf(specifier);
  const allowed = pure[folder];
  if (allowed !== undefined && !test && !allowed.includes(name)) {
    return `this package is pure and may import only ${allowed.join(", ")}`;
  }
  if (name === "node" || held[folder]?.includes(name) === true) return undefined;

  if (name.startsWith("@ligo/") && name !== "@ligo/vitest") {
    const room = name.slice("@ligo/".length);
    if (room === "bench") return "nothing imports an app";
    const declaredForTests = test && name in { ...manifest.devDependencies };
    if (room === "cli") return "nothing imports the command line";
    if (!declaredForTests && arrows[folder]?.includes(room) === false) {
      const rule = `${folder} may import only [${arrows[folder].join(", ")}] of this repository`;
      return test ? `${rule}, and in tests what its devDependencies name` : rule;
    }
  }
  const declared = {
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.peerDependencies,
    ...(test ? { ...manifest.devDependencies, ...rootManifest.devDependencies } : {}),
  };
  return name in declared ? undefined : `${name} is not declared in ${folder}/package.json`;
}

/**
 * Packages from outside the repository that are loaded as soon as `entry` (a path from the root) is imported, each with
 * the file that names it first.
 */
export function staticallyReachable(
  entry: string,
  workspaces: readonly Workspace[],
): ReadonlyMap<string, string> {
  const reached = new Map<string, string>();
  const seen = new Set<string>();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const path = join(root, file);
    if (!existsSync(path)) continue;
    for (const { specifier, kind } of parseImports(readFileSync(path, "utf8"))) {
      if (kind !== "static") continue;
      if (specifier.startsWith(".")) {
        queue.push(join(dirname(file), specifier).replace(/\.js$/, ".ts"));
        continue;
      }
      const name = packageOf(specifier);
      const workspace = workspaces.find(({ manifest }) => manifest.name === name);
      if (workspace !== undefined) queue.push(`${workspace.folder}/src/index.ts`);
      else if (!reached.has(name)) reached.set(name, file);
    }
  }
  return reached;
}
