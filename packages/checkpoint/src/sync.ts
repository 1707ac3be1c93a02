import { open } from "node:fs/promises";
import { systemCode } from "./regular-file.js";

/** Returns when what was written to a file has reached the disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Returns when the names in a folder have reached the disk. Some systems cannot; there a rename is as safe as the system makes it. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    await syncPath(folder);
  } catch (error) {
    if (!["EPERM", "EISDIR", "EINVAL", "EACCES"].includes(systemCode(error) ?? "")) throw error;
  }
}
