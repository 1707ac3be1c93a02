import { declarationOf } from "@ligo/build";
import { dirname, join } from "node:path";
import { packageOf, parseImports } from "./imports.js";
import { root, type Workspace } from "./workspaces.js";

/**
 * Packages and their entries that a type checker loads with the declarations of `entry` (a source file, from the root),
 * each with the files on the way to the one that names it first.
 */
export function publicModules(
  entry: string,
  workspaces: readonly Workspace[],
): ReadonlyMap<string, string> {
  const modules = new Map<string, string>();
  const ways = new Map([[entry, entry]]);
  // a Map also visits what is added to it on the way
  for (const [file, way] of ways) {
    for (const { specifier } of parseImports(declarationOf(join(root, file)).code)) {
      if (!specifier.startsWith(".") && !modules.has(specifier)) modules.set(specifier, way);
      const source = sourceOf(specifier, file, workspaces);
      if (source !== undefined && !ways.has(source)) ways.set(source, `${way} > ${source}`);
    }
  }
  return modules;
}

/** The source file of this repository that `specifier` stands for in `file`, from the root. */
function sourceOf(
  specifier: string,
  file: string,
  workspaces: readonly Workspace[],
): string | undefined {
  if (specifier.startsWith(".")) return join(dirname(file), specifier).replace(/\.js$/, ".ts");
  const name = packageOf(specifier);
  const workspace = workspaces.find(({ manifest }) => manifest.name === name);
  if (workspace === undefined) return undefined;
  const target = workspace.manifest.exports?.[`.${specifier.slice(name.length)}`] as
    | Readonly<Record<string, string>>
    | undefined;
  const source = target?.["@ligo/source"];
  return source === undefined ? undefined : join(workspace.folder, source);
}
