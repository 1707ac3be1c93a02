import { build } from "tsup";

/** Modules that a bundle holds: those of this repository, and of TensorFlow.js those that are no modules to Node.js. */
const HELD = [/^@ligo\//, /^@tensorflow\/tfjs-core\/dist\//];

/** Bundles entries, by the names of their files, from sources: a process starts fast, and no build is needed before. */
export async function bundleSources(
  entry: Readonly<Record<string, string>>,
  outDir: string,
): Promise<void> {
  await build({
    entry,
    config: false,
    format: "esm",
    target: "node20",
    outDir,
    noExternal: HELD,
    skipNodeModulesBundle: true,
    silent: true,
    esbuildOptions: (options) => void (options.conditions = ["@ligo/source"]),
  });
}

/** Bundles scripts that pages run in a browser, each into a file that imports nothing. */
export async function bundleScripts(
  entry: Readonly<Record<string, string>>,
  outDir: string,
): Promise<void> {
  await build({
    entry,
    config: false,
    format: "esm",
    target: "es2022",
    outDir,
    splitting: false,
    silent: true,
  });
}
