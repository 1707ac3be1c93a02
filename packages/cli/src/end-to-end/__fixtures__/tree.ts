import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Keys of JSON whose values are times, or depend on times. */
const VARYING = /^(seconds|peak_memory_bytes|seconds_left|\w+_per_second)$/u;
/** Keys of sealed files that hash the times in them, and paths. */
const OF_TIMES: Readonly<Record<string, ReadonlySet<string>>> = {
  "state.json": new Set(["files", "metrics", "sha256"]),
};
const SEALED = new Set(["sha256"]);

/** Everything in a folder, by path: hashes of contents without what varies from run to run. Event files are one each process. */
export function treeOf(folder: string, root: string = folder): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const found: Record<string, string> = {};
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const name = path.slice(root.length + 1);
    if (entry.isDirectory()) Object.assign(found, { [name]: "folder" }, treeOf(path, root));
    else if (!entry.name.startsWith("events.out.")) found[name] = steadyHash(path, entry.name, root);
  }
  return found;
}

/** The bytes of a file, which of a card are without the name of its folder: a card calls the model by it. */
export function steadyBytes(path: string): Buffer {
  const bytes = readFileSync(path);
  if (basename(path) !== "README.md") return bytes;
  const name = basename(dirname(path));
  const text = bytes.toString().replace(`# ${name}\n`, "# <folder>\n");
  return Buffer.from(text.replace(`(${JSON.stringify(name)})`, '("<folder>")'));
}

function steadyHash(path: string, name: string, root: string): string {
  const bytes = steadyBytes(path);
  if (name === "report.html") return "a page";
  const hash = createHash("sha256");
  if (!/\.jsonl?$/u.test(name)) return hash.update(bytes).digest("hex");
  const text = bytes.toString().replaceAll(root, "<folder>");
  const parts = name.endsWith("l") ? text.trimEnd().split("\n") : [text];
  const isSealed = /"format": "ligo\.(cell|recipe)"/u.test(text);
  const dropped = OF_TIMES[name] ?? (isSealed ? SEALED : new Set());
  const steady = parts.map((part) =>
    JSON.stringify(JSON.parse(part), (key, value: unknown) =>
      VARYING.test(key) || dropped.has(key) ? undefined : value,
    ),
  );
  return hash.update(steady.join("\n")).digest("hex");
}
