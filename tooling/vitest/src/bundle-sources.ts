import { build } from "tsup";

/** Modules that a bundle holds: those of this repository, and of TensorFlow.js those that are no modules to Node.js. */
const HELD = [/^@ligo\//, /^@tensorflow\/tfjs-core\/dist\//];

const SHARED = { config: false, format: "esm", silent: true } as const;

/** Bundles entries, by the names of their files, from sources: a process starts fast, and no build is needed before. */
export async function bundleSources(
  entry: Readonly<Record<string, string>>,
  outDir: string,
): Promise<void> {
  await build({
    ...SHARED,
    entry,
    target: "node20",
    outDir,
    noExternal: HELD,
    skipNodeModulesBundle: true,
    esbuildOptions: (options) => void (options.conditions = ["@ligo/source"]),
  });
}

/** Bundles scripts that pages run in a browser, each into a file that imports nothing. */
export async function bundleScripts(
  entry: Readonly<Record<string, string>>,
  outDir: string,
): Promise<void> {
  await build({ ...SHARED, entry, target: "es2022", outDir, splitting: false });
}
