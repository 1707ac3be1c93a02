import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** One thing to read: files by their path in a folder. */
export type Input = ReadonlyMap<string, Uint8Array>;

/** An input of texts, bytes, and JSON for anything else. */
export function inputOf(files: Readonly<Record<string, unknown>>): Input {
  return new Map(
    Object.entries(files).map(([name, contents]): [string, Uint8Array] => {
      if (contents instanceof Uint8Array) return [name, contents];
      return [
        name,
        Buffer.from(typeof contents === "string" ? contents : JSON.stringify(contents)),
      ];
    }),
  );
}

/** Writes the files of an input into a folder, which is made. */
export function writeInput(folder: string, input: Input): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of input) {
    const path = join(folder, name);
    if (name.includes("/")) mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}

/** All files of a folder as an input, sorted by path. */
export function readInput(folder: string): Input {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => join(parentPath, name).slice(folder.length + 1));
  return new Map(found.toSorted().map((name) => [name, readFileSync(join(folder, name))]));
}

/** Bytes of all files. */
export function sizeOf(input: Input): number {
  return [...input.values()].reduce((sum, { length }) => sum + length, 0);
}
