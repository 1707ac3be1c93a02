import { bandOf, formatFlops, type CurvePoint, type Report } from "@ligo/report";
import {
  downstreamTable,
  lossTable,
  otherDataTable,
  percent,
  savingsTable,
  sourceTable,
  type ComparisonReportOptions,
} from "./comparison-table.js";
import { comparisonTitle, sizesOf } from "./comparison-title.js";
import { referenceOf, SOURCE, type Comparison } from "./comparison.js";
import { headline } from "./headline.js";
import type { ComparisonResults } from "./results.js";
import type { MethodSummary } from "./summarize.js";

/** The page of a comparison. */
export function comparisonReport(
  results: ComparisonResults,
  summaries: readonly MethodSummary[],
  given: Omit<ComparisonReportOptions, "reference"> = {},
): Report {
  const curves = summaries
    .filter(({ curve }) => curve.length > 0)
    .map(({ curve: points, name }) => ({ name, points, band: bandOf(curvesOf(results, name)) }));
  const reference = referenceOf(results.comparison);
  const options = { ...given, reference };
  const downstream = downstreamTable(summaries);
  const others = otherDataTable(summaries);
  const source = sourceTable(summaries, { reference });
  const sizes = sizesOf(results);
  return {
    title: comparisonTitle(results),
    kind: "comparison of methods",
    growth: sizes && { small: sizes.source, large: sizes.target },
    headline: headline(summaries, options),
    curves,
    targetLoss: summaries.find(({ name }) => name === reference)?.endLoss?.mean ?? Number.NaN,
    targetName: `${reference}'s final loss`,
    tables: [
      { caption: "Final held-out loss", rows: lossTable(summaries, options) },
      ...(source.length === 0 ? [] : [{ caption: "Against the source trained on", rows: source }]),
      {
        caption: `Saved until ${reference}'s final held-out loss is reached, growth included`,
        rows: savingsTable(summaries, options),
      },
      {
        caption: "What growing takes",
        rows: [
          ["method", `share of ${reference}'s FLOPs`],
          ...summaries.map((one) => [
            one.name,
            one.growthShare === undefined ? "-" : `${percent(one.growthShare.mean)} %`,
          ]),
        ],
      },
      ...(others.length === 0 ? [] : [{ caption: "Loss on other data", rows: others }]),
      ...(downstream.length === 0 ? [] : [{ caption: "After fine-tuning", rows: downstream }]),
    ],
    notes: [...protocolNotes(results, reference), ...(given.notes ?? []), machineNote(results)],
  };
}

/** Curves of a row, those of its seeds that came to their end. */
const curvesOf = (
  { cells }: Pick<ComparisonResults, "cells">,
  row: string,
): readonly (readonly CurvePoint[])[] =>
  cells.filter(({ diverged, name }) => name === row && diverged === null).map(({ curve }) => curve);

function protocolNotes(results: ComparisonResults, reference: string): readonly string[] {
  const { comparison, missing, sources } = results;
  const seeds = comparison.seeds.length;
  return [
    `Mean and standard deviation over ${seeds === 1 ? "one seed" : `${seeds} seeds`}; curves are means, bands their ranges. Savings are over the seeds that got to ${reference}'s final loss.`,
    seeds === 1
      ? "One seed has no confidence interval: differences may be luck."
      : "Differences are paired, seed by seed, with 95 % confidence intervals of their means (Student's t); one that holds zero is a tie.",
    comparison.budget === "flops"
      ? "Equal budgets: what growing takes is taken from training."
      : "Equal numbers of training steps; growing comes on top.",
    "FLOPs are those of the matrix products that ran (2 m n k); the paper's counter is ELECTRA's, with and without its known faults. Evaluation is free for all.",
    ...sourceNotes(comparison),
    ...rateNotes(results),
    ...choiceNotes(results),
    ...sources.map(
      ({ flops, loss, seed, steps }) =>
        `Source of seed ${seed}: ${steps} steps, ${formatFlops(flops)}, held-out loss ${loss.toFixed(3)}.`,
    ),
    ...(missing.length === 0 ? [] : [`Not run yet: ${missing.join("; ")}.`]),
  ];
}

function sourceNotes({ budget, methods }: Comparison): readonly string[] {
  if (methods.every(({ method }) => method !== SOURCE)) return [];
  const longer =
    budget === "flops"
      ? " A step of it takes less: it trains for as many as the budget has room for."
      : "";
  return [`${SOURCE} is the source itself, trained on; it stays as small as it is.${longer}`];
}

/** How rates were chosen, and rows whose best is the first or the last of them: there may be better ones beyond. */
function rateNotes({ comparison, rates = {} }: ComparisonResults): readonly string[] {
  const { rates: tried, tuningSeeds = [] } = comparison;
  if (tried === undefined) return [];
  const [low, high] = [Math.min(...tried), Math.max(...tried)];
  const edge = Object.entries(rates).filter(([, rate]) => rate === low || rate === high);
  const names = edge.map(([name, rate]) => `${name} (${rate})`);
  return [
    `Every row trains at that peak rate of ${tried.join(", ")} that ends lowest on the seeds ${tuningSeeds.join(", ")}, which are not reported.`,
    ...(names.length === 0
      ? []
      : [`At the edge of the rates that were tried: ${names.join(", ")}.`]),
  ];
}

/** What probes chose, row by row. */
function choiceNotes({ cells }: ComparisonResults): readonly string[] {
  const chosen = cells.flatMap(({ growth, name, seed }) =>
    growth?.chosen === undefined ? [] : [{ name, seed, method: growth.chosen }],
  );
  return [...new Set(chosen.map(({ name }) => name))].map((row) => {
    const choices = chosen
      .filter(({ name }) => name === row)
      .map(({ method, seed }) => `${method} on seed ${seed}`);
    return `${row} grows by what a probe chose, whose cost is charged: ${choices.join(", ")}.`;
  });
}

const machineNote = ({ machine, versions }: ComparisonResults): string =>
  `${machine}; ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}.`;
