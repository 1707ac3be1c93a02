import ts from "typescript";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageOf, parseImports } from "./imports.js";
import { root, type Workspace } from "./workspaces.js";

/** The first ```ts block of a Markdown text, or an empty string. */
export function exampleOf(markdown: string): string {
  return /^```ts\n(.*?)^```$/ms.exec(markdown)?.[1] ?? "";
}

/** Packages a README tells its reader to install, and all that these bring along. */
function installedBy(readme: string, workspaces: readonly Workspace[]): ReadonlySet<string> {
  const lines = readme.matchAll(/^npm (?:i|install) (.*)$/gm);
  const queue = [...lines].flatMap(([, names = ""]) => names.split(/\s+/));
  const installed = new Set<string>();
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (installed.has(name)) continue;
    installed.add(name);
    const workspace = workspaces.find(({ manifest }) => manifest.name === name);
    queue.push(...Object.keys(workspace?.manifest.dependencies ?? {}));
  }
  return installed;
}

/** Packages an example imports although its README does not tell the reader to install them. */
export function notInstalled(readme: string, workspaces: readonly Workspace[]): readonly string[] {
  const installed = installedBy(readme, workspaces);
  return parseImports(exampleOf(readme))
    .filter(({ specifier }) => !specifier.startsWith("node:"))
    .map(({ specifier }) => packageOf(specifier))
    .filter((name) => !installed.has(name));
}

/**
 * Type errors of the examples, each given as the path it would have and its code. They are held to what `tsc --init`
 * asks of a new project, not to the stricter settings of this repository.
 */
export function typeErrors(examples: ReadonlyMap<string, string>): readonly string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) =>
    readFileSync(path, "utf8"),
  ) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const relaxed: ts.CompilerOptions = {
    ...options,
    // programs of examples/ import each other as Node.js runs them
    allowImportingTsExtensions: true,
    declaration: false,
    isolatedDeclarations: false,
    noUncheckedIndexedAccess: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
  const disk = ts.createCompilerHost(relaxed);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => examples.has(path) || disk.fileExists(path),
    readFile: (path) => examples.get(path) ?? disk.readFile(path),
    getSourceFile(path, version, ...rest) {
      const code = examples.get(path);
      if (code === undefined) return disk.getSourceFile(path, version, ...rest);
      return ts.createSourceFile(path, code, version);
    },
  };

  const program = ts.createProgram([...examples.keys()], relaxed, host);
  return [...examples.keys()].flatMap((path) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      (problem) => {
        const line = file?.getLineAndCharacterOfPosition(problem.start ?? 0).line ?? 0;
        return `${path}:${line + 1} ${ts.flattenDiagnosticMessageText(problem.messageText, "\n")}`;
      },
    );
  });
}
