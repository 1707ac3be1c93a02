import { spawnSync } from "node:child_process";
import { temporaryBeside } from "../leftovers.js";

/** The name under which a process that is gone made something beside a path. */
export async function leftBehind(path: string): Promise<string> {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  return (await temporaryBeside(path)).replace(`.partial-${process.pid}-`, `.partial-${pid}-`);
}
