import { shortened } from "@ligo/core/json";
import { isPackageName } from "../models/package-name.js";
import { UsageError } from "../usage-error.js";

/**
 * Throws `sdk/file-names-code` for an `architecture` in a file that is no package name: a file may name an installed package,
 * and no other code. Where the caller gives an architecture too, that is the one that counts.
 */
export function refuseNamedFile(file: string, named: unknown, given?: unknown): void {
  if (named === undefined || named === null || given !== undefined || isPackageName(named)) return;
  const actual = shortened(JSON.stringify(named));
  const expected = "the name of an installed package";
  throw new UsageError(
    "sdk/file-names-code",
    `${file} names ${actual} as its architecture. Code is run where a file names an installed package, and no other code. ` +
      "If you trust this, name it again yourself (`architecture`).",
    { file, expected, actual },
  );
}
