import { readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { Application, type TypeDocOptions } from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";

/** An entry of a package: what `import` of that name gives. */
export interface Entry {
  /** `@ligo/core/layout`. */
  readonly name: string;
  /** Its source, from the root of the repository. */
  readonly source: string;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** Every entry of every package, but those of single files such as package.json. */
export function publicEntries(root: string): readonly Entry[] {
  return readdirSync(join(root, "packages")).flatMap((folder) => {
    const text = readFileSync(join(root, "packages", folder, "package.json"), "utf8");
    const { exports, name } = JSON.parse(text) as Manifest;
    return Object.entries(exports).flatMap(([path, conditions]) => {
      const source = typeof conditions === "string" ? undefined : conditions["@ligo/source"];
      if (source === undefined) return [];
      return [{ name: posix.join(name, path), source: posix.join("packages", folder, source) }];
    });
  });
}

/** Gives modules the names that `import` has for them. Throws where an entry has no module. */
function nameModules(modules: readonly { name: string }[], root: string): void {
  const names = new Map(
    publicEntries(root).map(({ name, source }) => [source.replace(/(?:\/index)?\.ts$/u, ""), name]),
  );
  for (const one of modules) {
    const name = names.get(`packages/${one.name}`);
    if (name === undefined) throw new Error(`The module ${one.name} is no entry of a package.`);
    names.delete(`packages/${one.name}`);
    one.name = name;
  }
  if (names.size > 0) throw new Error(`Entries without a page: ${[...names.values()].join(", ")}.`);
}

/** Writes a page for every entry of every package into a folder, from the sources. Throws where typedoc reports an error. */
export async function writeApi(root: string, out: string): Promise<void> {
  const options: Partial<TypeDocOptions & PluginOptions> = {
    entryPoints: publicEntries(root).map(({ source }) => join(root, source)),
    plugin: ["typedoc-plugin-markdown"],
    tsconfig: join(root, "tsconfig.json"),
    // `npm run types` checks them
    skipErrorChecking: true,
    excludePrivate: true,
    excludeInternal: true,
    disableSources: true,
    readme: "none",
    router: "module",
    entryFileName: "index",
    hidePageHeader: true,
    hideBreadcrumbs: true,
    parametersFormat: "table",
    interfacePropertiesFormat: "table",
    typeDeclarationFormat: "table",
    logLevel: "Error",
    out,
  };
  const app = await Application.bootstrapWithPlugins(options);
  const project = await app.convert();
  if (project === undefined) throw new Error("The API could not be read from the sources.");
  nameModules(project.children ?? [], root);
  await app.generateOutputs(project);
  if (app.logger.hasErrors()) throw new Error("The API could not be written.");
}
