import { readdirSync, readFileSync } from "node:fs";
import { savingsTable, summarize, type ComparisonResults } from "@ligo/compare";
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
export function committedResults(): readonly CommittedResults[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".json"))
    .toSorted()
    .map((file) => ({
      name: file.slice(0, -".json".length),
      results: JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as ComparisonResults,
    }));
}

/** The table of a committed result as Markdown; rows that have not been run are left out. */
export function resultsTable({ name, results }: CommittedResults): string {
  const experiment = EXPERIMENTS.find((one) =>
    SCALES.some((scale) => name === `${one.name}-${scale}`),
  );
  const summaries = summarize(results).filter(({ seeds }) => seeds > 0);
  const table = savingsTable(summaries, { published: experiment?.published });
  // cells shared the machine with each other and with other work
  const timed = table[0]?.indexOf("time saved");
  const rows = table.map((row) => row.filter((_, column) => column !== timed));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}
