import { constants, existsSync } from "node:fs";
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFailure } from "@ligo/checkpoint";
import { UsageError } from "../usage-error.js";

/**
 * Checks that a file can be written where there is none yet, before anything long starts. Throws `sdk/predictions-exist` and
 * `output/write-failed`.
 */
export async function checkPredictionsFile(file: string): Promise<void> {
  if (existsSync(file)) {
    throw new UsageError("sdk/predictions-exist", `${file} is there already; name another file.`, {
      file,
      expected: "no file",
    });
  }
  // the dot is in folders alone
  await access(`${dirname(file)}/.`, constants.W_OK).catch((cause: unknown) => {
    throw writeFailure(file, cause);
  });
}
