import { fileURLToPath } from "node:url";

/** Path of a recorded file. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
