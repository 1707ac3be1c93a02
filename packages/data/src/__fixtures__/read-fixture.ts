import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Path of a recorded fixture. For tests only. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}

/** A recorded JSON fixture. For tests only. */
export function readFixture<Content>(name: string): Content {
  return JSON.parse(readFileSync(fixturePath(name), "utf8")) as Content;
}
