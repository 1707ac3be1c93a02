import { readFileSync, readdirSync, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The part of a package.json these tests look at. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly files?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly repository?: {
    readonly type: string;
    readonly url: string;
    readonly directory?: string;
  };
  readonly homepage?: string;
  readonly bugs?: { readonly url: string };
  readonly keywords?: readonly string[];
  readonly publishConfig?: Readonly<Record<string, string | boolean>>;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Dependencies;
  readonly devDependencies?: Dependencies;
  readonly optionalDependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

type Dependencies = Readonly<Record<string, string>>;

export interface Workspace {
  /** Relative to the repository root, `packages/core`. */
  readonly folder: string;
  readonly directory: string;
  readonly manifest: Manifest;
}

/** The repository root, absolute. */
export const root: string = fileURLToPath(new URL("../../../", import.meta.url));

export const rootManifest: Manifest = readJson("package.json") as Manifest;

/** Every workspace of the repository, sorted by folder. */
export const workspaces: readonly Workspace[] = (rootManifest.workspaces ?? [])
  .map((pattern) => pattern.replace(/\/\*$/, ""))
  .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
  .filter((folder) => existsSync(join(root, folder, "package.json")))
  .toSorted()
  .map((folder) => ({
    folder,
    directory: join(root, folder),
    manifest: readJson(`${folder}/package.json`) as Manifest,
  }));

/** The workspaces that are published. */
export const publicPackages: readonly Workspace[] = workspaces.filter(({ folder }) =>
  folder.startsWith("packages/"),
);

/** A JSON file of the repository, by its path from the root. */
export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}

/** TypeScript files below `src` of a workspace, relative to its folder. */
export function sourceFiles(workspace: Workspace): readonly string[] {
  const source = join(workspace.directory, "src");
  if (!existsSync(source)) return [];
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `src/${file.replaceAll("\\", "/")}`)
    .toSorted();
}

/** Whether a file is only there for tests, and so is neither built nor bound to the arrows. */
export function isTestFile(file: string): boolean {
  return file.endsWith(".test.ts") || file.includes("/__fixtures__/");
}
