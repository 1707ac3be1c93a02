import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { posix } from "./posix.js";

/** Parts of a manifest that say which packages a build leaves outside. */
export interface Needs {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Declarations of the packages that a build holds. */
export interface HeldDeclarations {
  /** The text of a declaration file, `file` in its sources and `output` in the build, with the places that its imports have there. */
  rewrite(file: string, output: string, code: string): string;
  /** Copies of all that rewritten files reach, by the file to write. */
  copies(): ReadonlyMap<string, string>;
}

/**
 * Makes a build's declarations stand alone. What is imported and is no dependency, the build holds: its declarations, and those
 * that these reach, are copied to `held/` of the build, and every import names the copy with its extension, as Node resolves it.
 */
export function heldDeclarations(needs: Needs, outdir: string): HeldDeclarations {
  const outside = {
    ...needs.dependencies,
    ...needs.optionalDependencies,
    ...needs.peerDependencies,
  };
  const copied = new Map<string, string>();
  const queue: string[] = [];

  const rewrite = (file: string, output: string, code: string): string => {
    const isOwn = !file.includes(MODULES);
    let text = code;
    for (const literal of specifiersOf(file, code)) {
      const specifier = literal.text;
      if (specifier.startsWith(".") ? isOwn : isOutside(specifier, outside)) continue;
      const declaration = resolve(specifier, file);
      queue.push(declaration);
      const path = posix(relative(dirname(output), placeOf(declaration, outdir)));
      const named = (path.startsWith(".") ? path : `./${path}`).replace(
        /\.d\.([cm]?)ts$/u,
        ".$1js",
      );
      text = `${text.slice(0, literal.end - 1 - specifier.length)}${named}${text.slice(literal.end - 1)}`;
    }
    return isOwn ? text : text.replaceAll(TYPE_REFERENCE, "");
  };
  return {
    rewrite,
    copies() {
      for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
        const output = placeOf(file, outdir);
        if (copied.has(output)) continue;
        copied.set(output, rewrite(file, output, readFileSync(file, "utf8")));
      }
      return copied;
    },
  };
}

const MODULES = "/node_modules/";

/** A line that loads global types of a package, which is not installed with the build. */
const TYPE_REFERENCE = /^\/\/\/ <reference types=.*\n/gmu;

/** What a declaration file names modules by, the last first. */
function specifiersOf(file: string, code: string): readonly ts.StringLiteral[] {
  const found: ts.StringLiteral[] = [];
  const visit = (node: ts.Node): void => {
    const named =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
          ? node.argument.literal
          : ts.isModuleDeclaration(node)
            ? node.name
            : undefined;
    if (named !== undefined && ts.isStringLiteral(named)) found.push(named);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, code, ts.ScriptTarget.Latest));
  return found.toSorted((one, other) => other.pos - one.pos);
}

function isOutside(specifier: string, outside: Readonly<Record<string, string>>): boolean {
  return isBuiltin(specifier) || packageName(specifier) in outside;
}

const packageName = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/** The declaration file that an import of `file` means. */
function resolve(specifier: string, file: string): string {
  const options = { moduleResolution: ts.ModuleResolutionKind.Bundler };
  const { resolvedModule } = ts.resolveModuleName(specifier, file, options, ts.sys);
  const found = resolvedModule?.resolvedFileName;
  if (found === undefined || !/\.d\.[cm]?ts$/u.test(found) || !found.includes(MODULES)) {
    throw new Error(`${file}: no declarations of ${specifier}, which is no dependency, were found`);
  }
  return found;
}

/** Where the copy of a declaration file stands. */
const placeOf = (file: string, outdir: string): string =>
  join(outdir, "held", file.slice(file.lastIndexOf(MODULES) + MODULES.length));
