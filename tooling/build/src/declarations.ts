import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isolatedDeclarationSync } from "oxc-transform";
import type { Options } from "tsup";
import { heldDeclarations, type Needs } from "./held-declarations.js";
import { posix } from "./posix.js";

type EsbuildPlugin = NonNullable<Options["esbuildPlugins"]>[number];

/** The declaration file of one source file. */
export interface Declaration {
  readonly code: string;
  /** Positions in `code` of what stands in the source, as a source map's `mappings`. */
  readonly mappings: string;
  /** Exports whose type is not written out, one message each. */
  readonly errors: readonly string[];
}

interface Manifest extends Needs {
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

const readManifest = (directory: string): Manifest =>
  JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Manifest;

/** The source files that the `exports` of a package name, absolute. */
export function exportedSources(directory: string): readonly string[] {
  return Object.values(readManifest(directory).exports ?? {}).flatMap((target) => {
    const source = typeof target === "string" ? undefined : target["@ligo/source"];
    return source === undefined ? [] : [join(directory, source)];
  });
}

/**
 * Declarations of the source files `entries` and of all that these reach by relative imports, by source file. Each is
 * made from its own file alone, without a type checker: `isolatedDeclarations` makes sure that this is possible.
 */
export function declarationsOf(entries: readonly string[]): ReadonlyMap<string, Declaration> {
  const declarations = new Map<string, Declaration>();
  const queue = [...entries];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (declarations.has(file)) continue;
    const declaration = declarationOf(file);
    declarations.set(file, declaration);
    const importing = dirname(file);
    for (const [, specifier = ""] of declaration.code.matchAll(RELATIVE_IMPORT)) {
      const imported = join(importing, specifier.replace(/\.js$/, ".ts"));
      if (existsSync(imported)) queue.push(imported);
    }
  }
  return declarations;
}

/** `from "./a.js"` and `import("./a.js")`, in the quotes that the emitter always writes. */
const RELATIVE_IMPORT = /\b(?:from |import ?\(?)"(\.\.?\/[^"]+)"/g;

/** The declaration of one source file, from its code alone. */
export function declarationOf(file: string): Declaration {
  const { code, map, errors } = isolatedDeclarationSync(file, readFileSync(file, "utf8"), {
    sourcemap: true,
  });
  return {
    code,
    mappings: map?.mappings ?? "",
    errors: errors.map(({ message, codeframe }) => `${file}: ${message}\n${codeframe ?? ""}`),
  };
}

/**
 * Build step that writes the declarations of a package beside its build, each with a map to the source: `src/a/b.ts`
 * becomes `dist/a/b.d.ts`. Packages that the build holds bring theirs. A package without exported sources gets none.
 */
export function declarationsPlugin(): EsbuildPlugin {
  return {
    name: "declarations",
    setup(build) {
      const directory = process.cwd();
      const { outdir = join(directory, "dist") } = build.initialOptions;
      build.onEnd((result) => {
        if (result.errors.length > 0) return {};
        const declarations = declarationsOf(exportedSources(directory));
        const held = heldDeclarations(readManifest(directory), outdir);
        for (const [file, declaration] of declarations) {
          const path = placeOf(directory, outdir, file);
          write(path, file, { ...declaration, code: held.rewrite(file, path, declaration.code) });
        }
        for (const [path, code] of held.copies()) put(path, code);
        const errors = [...declarations.values()].flatMap((declaration) => declaration.errors);
        return { errors: errors.map((text) => ({ text })) };
      });
    },
  };
}

/** Where the declarations of a source file stand. */
const placeOf = (directory: string, outdir: string, file: string): string =>
  join(outdir, relative(join(directory, "src"), file).replace(/\.ts$/, ".d.ts"));

function write(path: string, file: string, { code, mappings }: Declaration): void {
  const map = `${path}.map`;
  put(path, `${code}//# sourceMappingURL=${posix(relative(dirname(path), map))}\n`);
  const sources = [posix(relative(dirname(path), file))];
  put(map, JSON.stringify({ version: 3, sources, names: [], mappings }));
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
