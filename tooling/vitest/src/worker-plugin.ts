import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/ligo-workers", import.meta.url));

/** The part of a Vite plugin that is used here. */
interface SourcePlugin {
  readonly name: string;
  transform(code: string, id: string): Promise<string | undefined>;
}

/** Modules that Node.js cannot load from where they lie, and of which a build holds everything: `packages/tfjs`. */
const BUNDLED = /[\\/]packages[\\/]tfjs[\\/]src[\\/]register\.ts$/u;

/** Lets tests load sources that stand for modules of others as their build does: as one bundle. */
export function sourceBundles(): SourcePlugin {
  const bundles = new Map<string, Promise<string>>();
  return {
    name: "source-bundles",
    async transform(_, id) {
      if (!BUNDLED.test(id)) return undefined;
      const bundle = bundles.get(id) ?? bundled(id, "bundle");
      bundles.set(id, bundle);
      return `import ${JSON.stringify(pathToFileURL(await bundle).href)};`;
    },
  };
}

/**
 * Lets tests run workers from sources: `new URL("./a.js", import.meta.url)` leads to a bundle of `a.ts`, where that lies in
 * the place of `a.js`. A worker is loaded by Node.js itself, which knows neither TypeScript nor this repository's sources.
 */
export function sourceWorkers(): SourcePlugin {
  const bundles = new Map<string, Promise<string>>();
  return {
    name: "source-workers",
    async transform(code, id) {
      let changed = code;
      for (const [whole, path = ""] of code.matchAll(
        /new URL\("(\.\/[^"]+)\.js", import\.meta\.url\)/gu,
      )) {
        const source = join(dirname(id), `${path}.ts`);
        if (!existsSync(source)) continue;
        const bundle = bundles.get(source) ?? bundled(source, "external");
        bundles.set(source, bundle);
        const url = pathToFileURL(await bundle).href;
        changed = changed.replace(whole, `new URL(${JSON.stringify(url)})`);
      }
      return changed === code ? undefined : changed;
    },
  };
}

/** A bundle beside the packages that it may import, under a name that tells its contents. */
async function bundled(source: string, packages: "bundle" | "external"): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [source],
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages,
    conditions: ["@ligo/source"],
    logLevel: "silent",
  });
  const code = outputFiles[0]?.text ?? "";
  const hash = createHash("sha256").update(code).digest("hex").slice(0, 16);
  const file = join(CACHE, `${basename(source, ".ts")}-${hash}.mjs`);
  if (existsSync(file)) return file;
  mkdirSync(CACHE, { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, code);
  renameSync(temporary, file);
  return file;
}
