import { join } from "node:path";
import { writeFileAtomically } from "@ligo/checkpoint";
import {
  comparisonReport,
  downstreamTable,
  headline,
  lossTable,
  otherDataTable,
  referenceOf,
  savingsNote,
  savingsTable,
  sourceTable,
  compareMethods,
  RESULTS_NAME,
  readComparison,
  readResults,
  estimateComparison,
  summarize,
} from "@ligo/compare";
import { renderReport, formatFlops, formatSeconds, formatTable } from "@ligo/report";
import { engineSpeed, UsageError } from "@ligo/sdk";
import { check, compareSettings, type CompareSettings } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import type { Terminal } from "../terminal/terminal.js";
import { handlesOf } from "../terminal/watch.js";
import { printResult } from "./print-result.js";
import { speedWords } from "./times.js";

const REPORT_NAME = "report.html";

/** `ligo compare`. */
export async function compare(call: Call, io: Terminal): Promise<void> {
  const [recipe = ""] = call.sources;
  const handles = handlesOf(call, io);
  const { settings } = check(compareSettings, call.settings as CompareSettings);
  const read = await readComparison(recipe, settings);
  const comparison = { ...read, seeds: settings.seeds ?? read.seeds };
  if (settings.estimate) {
    const estimate = await estimateComparison(comparison, handles);
    const rows = estimate.rows.map((row) => [
      row.name,
      String(row.seeds),
      formatFlops(row.growthFlops),
      formatFlops(row.trainingFlops),
      formatFlops(row.judgingFlops),
    ]);
    const head = ["method", "seeds", "growing, each seed", "training", "evaluating"];
    const words = formatTable([head, ...rows]);
    const speed = call.face.json === true ? undefined : await engineSpeed(comparison.engine);
    const time =
      speed === undefined
        ? ""
        : `time here: about ${formatSeconds(estimate.flops / speed.flopsPerSecond)}, at the ${speedWords(speed)}\n`;
    const parts = [
      ...(estimate.sourceFlops === 0 ? [] : [`a source: ${formatFlops(estimate.sourceFlops)}`]),
      ...(estimate.tuningFlops === 0
        ? []
        : [`choosing rates: ${formatFlops(estimate.tuningFlops)}`]),
      `in all: ${formatFlops(estimate.flops)}`,
    ];
    const sources = `${parts.join("; ")}\n`;
    printResult(call, io, estimate, words + sources + time);
    return;
  }
  const { keepModels, known = [], out, reportOnly, resume, shard, sourcesOnly } = settings;
  if (out === undefined) {
    throw new UsageError("cli/no-output", "Say where results go: --out <folder>.", {
      expected: "--out",
    });
  }
  const only = sourcesOnly ? "sources" : reportOnly ? "report" : "cells";
  const results = await compareMethods({
    ...handles,
    comparison,
    out,
    resume: resume || only === "report",
    shard,
    only,
    known: await Promise.all(known.map((file) => readResults(file))),
    keepModels,
  });
  const summaries = summarize(results);
  const report = join(out, REPORT_NAME);
  await writeFileAtomically(report, renderReport(comparisonReport(results, summaries)));
  const { missing } = results;
  const of = { reference: referenceOf(results.comparison) };
  const tables = [
    lossTable(summaries, of),
    sourceTable(summaries, of),
    savingsTable(summaries, of),
    otherDataTable(summaries),
    downstreamTable(summaries),
  ].filter((rows) => rows.length > 0);
  const words = [
    `\n${tables.map(formatTable).join("\n")}\n${savingsNote(of)}\n${headline(summaries, of)}\n`,
    missing.length === 0 ? "" : `Not run yet: ${missing.join("; ")}\n`,
    `report: ${report}\nresults: ${join(out, RESULTS_NAME)}\n`,
    keepModels ? "" : "models: not kept; --keep-models keeps those of runs to come\n",
  ].join("");
  const methods = summaries.map(({ curve: _curve, ...summary }) => summary);
  const told = { out, report, missing, headline: headline(summaries, of), methods };
  printResult(call, io, told, words);
}
