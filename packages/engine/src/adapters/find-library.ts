import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathList, type Environment } from "./environment.js";

/** Folders of a Linux system that the dynamic loader searches, for the machines that onnxruntime-node is built for. */
const SYSTEM_FOLDERS: readonly string[] = [
  "/usr/lib/x86_64-linux-gnu",
  "/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/lib64",
  "/usr/lib",
  "/lib",
  "/usr/local/lib",
  "/run/opengl-driver/lib",
];

/** Path of a shared library on Linux, as the dynamic loader would find it; `undefined` where it is not installed. */
export function findLibrary(name: string, env: Environment = process.env): string | undefined {
  return [...pathList(env["LD_LIBRARY_PATH"]), ...SYSTEM_FOLDERS]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
