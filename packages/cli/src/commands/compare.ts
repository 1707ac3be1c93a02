import { join } from "node:path";
import { writeFileAtomically } from "@ligo/checkpoint";
import {
  comparisonReport,
  downstreamTable,
  headline,
  savingsTable,
  compareMethods,
  RESULTS_NAME,
  readComparison,
  estimateComparison,
  type Shard,
  summarize,
} from "@ligo/compare";
import { renderReport, formatFlops, formatTable } from "@ligo/report";
import type { CommandIo } from "../terminal/command-io.js";
import { watching } from "../terminal/watching.js";
import { printResult } from "./print-result.js";
import { UsageError } from "@ligo/sdk";

export interface CompareFlags {
  readonly out?: string;
  readonly seeds?: readonly number[];
  readonly shard?: Shard;
  readonly sourcesOnly?: boolean;
  readonly reportOnly?: boolean;
  readonly estimate?: boolean;
  readonly keepModels?: boolean;
  readonly resume?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const REPORT_NAME = "report.html";

/** `ligo compare`. */
export async function compare(recipe: string, flags: CompareFlags, io: CommandIo): Promise<void> {
  const watchers = watching(io, flags.quiet);
  const read = await readComparison(recipe);
  const comparison = { ...read, seeds: flags.seeds ?? read.seeds };
  if (flags.estimate === true) {
    const estimate = await estimateComparison(comparison, watchers);
    const rows = estimate.rows.map(({ growthFlops, name, seeds, trainingFlops }) => [
      name,
      String(seeds),
      formatFlops(growthFlops),
      formatFlops(trainingFlops),
    ]);
    const words = formatTable([["method", "seeds", "growing", "training"], ...rows]);
    const sources = `a source: ${formatFlops(estimate.sourceFlops)}; in all: ${formatFlops(estimate.flops)}\n`;
    printResult(io, flags, estimate, words + sources);
    return;
  }
  if (flags.out === undefined) {
    throw new UsageError("cli/no-output", "Say where results go: --out <folder>.", {
      expected: "--out",
    });
  }
  const only =
    flags.sourcesOnly === true ? "sources" : flags.reportOnly === true ? "report" : "cells";
  const results = await compareMethods({
    ...watchers,
    comparison,
    out: flags.out,
    resume: flags.resume === true || only === "report",
    shard: flags.shard,
    only,
    keepModels: flags.keepModels,
  });
  const summaries = summarize(results);
  const report = join(flags.out, REPORT_NAME);
  await writeFileAtomically(report, renderReport(comparisonReport(results, summaries)));
  const { missing } = results;
  const words = [
    `\n${formatTable(savingsTable(summaries))}\n${headline(summaries)}\n`,
    formatTable(downstreamTable(summaries)),
    missing.length === 0 ? "" : `Not run yet: ${missing.join("; ")}\n`,
    `report: ${report}\nresults: ${join(flags.out, RESULTS_NAME)}\n`,
  ].join("");
  const methods = summaries.map(({ curve: _curve, ...summary }) => summary);
  printResult(io, flags, { out: flags.out, report, missing, methods }, words);
}
