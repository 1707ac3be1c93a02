import { constants } from "node:fs";
import { copyFile } from "node:fs/promises";
import { OutputError } from "./errors/output-error.js";
import { systemCode } from "./regular-file.js";
import { syncPath } from "./sync.js";

/** Copies a file to a name that is free, without a second set of its bytes where the disk can do that, and syncs it. */
export async function copyIntoFolder(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await syncPath(to);
  } catch (cause) {
    throw new OutputError(
      "output/write-failed",
      `${from} cannot be copied to ${to} (${systemCode(cause) ?? String(cause)}).`,
      { file: to, cause },
    );
  }
}
