import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  lossTable,
  otherDataTable,
  readResults,
  referenceOf,
  savingsTable,
  sourceTable,
  summarize,
  type ComparisonResults,
} from "@ligo/compare";
import { EXPERIMENTS } from "./experiments/index.js";
import { SCALES } from "./experiments/scales.js";

/** Folder of the committed results of experiments. */
const FOLDER = new URL("../results/experiments/", import.meta.url);

/** A committed result: `bert-mini`, and its results. */
export interface CommittedResults {
  readonly name: string;
  readonly results: ComparisonResults;
}

/** All committed results, by name. */
export async function committedResults(): Promise<readonly CommittedResults[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".json")).toSorted();
  return Promise.all(
    files.map(async (file) => ({
      name: file.slice(0, -".json".length),
      results: await readResults(fileURLToPath(new URL(file, FOLDER))),
    })),
  );
}

/** The table of a committed result as Markdown; rows that have not been run are left out. */
export function resultsTable({ name, results }: CommittedResults): string {
  const experiment = EXPERIMENTS.find((one) =>
    SCALES.some((scale) => name === `${one.name}-${scale}`),
  );
  const summaries = summarize(results).filter(({ seeds }) => seeds > 0);
  const reference = referenceOf(results.comparison);
  const losses = lossTable(summaries, { reference });
  // without the reference there is no loss to reach
  const savings = summaries.some(({ name: row }) => row === reference)
    ? savingsTable(summaries, { published: experiment?.published, reference })
    : [];
  const beside = [sourceTable(summaries, { reference }), savings, otherDataTable(summaries)];
  const table = losses.map((row, index) => [
    ...row,
    ...beside.flatMap((other) => (other[index] ?? []).slice(1)),
  ]);
  // cells shared the machine with each other and with other work
  const left = ["steps", "time saved"].map((name) => table[0]?.indexOf(name));
  const rows = table.map((row) => row.filter((_, column) => !left.includes(column)));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}
