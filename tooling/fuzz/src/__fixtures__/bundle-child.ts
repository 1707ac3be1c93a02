import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";

/** Bundles a child from sources, so that no build is needed before it starts. Returns the file. */
export async function bundleChild(entry: URL, outDir: string): Promise<string> {
  const file = fileURLToPath(entry);
  await build({
    entry: [file],
    config: false,
    format: "esm",
    target: "node20",
    outDir,
    noExternal: [/^@ligo\//],
    skipNodeModulesBundle: true,
    silent: true,
    esbuildOptions: (options) => void (options.conditions = ["@ligo/source"]),
  });
  return join(outDir, basename(file).replace(/\.ts$/u, ".js"));
}
