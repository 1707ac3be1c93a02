import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleSources } from "@ligo/vitest/bundle-sources";
import { ROOT } from "../repository.js";

const PARQUET_WORKER = join(ROOT, "packages/data/src/parquet/parquet-worker.ts");

/** A bundle, and the folder to remove after it. */
interface Bundled {
  readonly bundle: string;
  readonly folder: string;
}

/** Bundles a child from sources, so that no build is needed before it starts. */
export async function bundleChild(entry: URL): Promise<Bundled> {
  const file = fileURLToPath(entry);
  const name = basename(file, ".ts");
  // as far below the root as the sdk's own build, which looks for the version beside it
  const outDir = join(ROOT, `packages/sdk/.generated-${name}-${process.pid}`);
  // parquet is read in a worker, which is a module of its own beside its caller
  await bundleSources({ [name]: file, "parquet-worker": PARQUET_WORKER }, outDir);
  return { bundle: join(outDir, `${name}.js`), folder: outDir };
}
