import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { steadyBytes } from "./tree.js";
import { ligo, type Ran } from "../../__fixtures__/run-ligo.js";

/** Files of a run by their hashes, and its metrics without times: two runs can be compared by them. */
export interface Remains {
  readonly files: Readonly<Record<string, string>>;
  readonly metrics: readonly unknown[];
}

/** Files that hold times or paths. */
const VARYING: ReadonlySet<string> = new Set(["ligo.json", "recipe.json", "metrics.jsonl"]);

const hashOf = (file: string): string =>
  createHash("sha256").update(steadyBytes(file)).digest("hex");

/** Hashes of all files of a folder, not of those in folders within it. */
function hashesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !VARYING.has(entry.name))
    // every process has one of its own
    .filter(({ name }) => !name.startsWith("events.out.tfevents."))
    .map(({ name }) => name);
  return Object.fromEntries(names.toSorted().map((name) => [name, hashOf(join(folder, name))]));
}

/** Lines of a run's metrics, without the time they took. */
export function metricsOf(folder: string): readonly unknown[] {
  const lines = readFileSync(join(folder, "metrics.jsonl"), "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const metrics = Object.entries(JSON.parse(line) as Record<string, unknown>);
    return Object.fromEntries(metrics.filter(([name]) => !/second/.test(name)));
  });
}

export function remainsOf(folder: string): Remains {
  return { files: hashesIn(folder), metrics: metricsOf(folder) };
}

/** Runs a command and interrupts it when it reports a step. */
export async function ligoUntil(step: number, argv: readonly string[]): Promise<Ran> {
  const interrupt = new AbortController();
  return ligo(argv, {
    signal: interrupt.signal,
    stderr: (text) => {
      if (new RegExp(`^(train|learn) ${step}/`, "m").test(text)) interrupt.abort();
    },
  });
}

/** Hashes of weights and moments of every checkpoint of a run, by folder. */
export function checkpointsOf(run: string): Record<string, Record<string, string>> {
  const folder = join(run, "checkpoints");
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => /^step-\d+$/.test(name))
    : [];
  return Object.fromEntries(
    names.map((name) => {
      const { "state.json": _times, ...hashes } = hashesIn(join(folder, name));
      return [name, hashes];
    }),
  );
}
