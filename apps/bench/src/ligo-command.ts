import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** The file that `ligo` runs. */
export const LIGO: string = join(
  dirname(require.resolve("@ligo/cli/package.json")),
  "bin/ligo.cjs",
);
