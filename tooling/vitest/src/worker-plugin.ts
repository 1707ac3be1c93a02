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
        const bundle = bundles.get(source) ?? bundled(source);
        bundles.set(source, bundle);
        const url = pathToFileURL(await bundle).href;
        changed = changed.replace(whole, `new URL(${JSON.stringify(url)})`);
      }
      return changed === code ? undefined : changed;
    },
  };
}

/** Beside the packages that the worker imports, which are left out of it; under a name that tells its contents. */
async function bundled(source: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [source],
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
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
