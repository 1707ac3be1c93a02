import type { ComparisonResults } from "./results.js";
import { SCRATCH } from "./comparison.js";
import { type Spread, formatFlops, type Report } from "@ligo/report";
import type { MethodSummary } from "./summarize.js";

/** Savings that others published of a method, to stand beside ours: shares of FLOPs and of time. */
export interface PublishedSaving {
  readonly flops?: number | undefined;
  readonly seconds?: number | undefined;
}

export interface ComparisonReportOptions {
  /** Published savings by name of the method. */
  readonly published?: Readonly<Record<string, PublishedSaving>> | undefined;
  readonly notes?: readonly string[] | undefined;
}

const percent = (share: number): string => (100 * share).toFixed(1);

/** `46.9 ± 2.1 %`; one value has no spread. */
function formatShare(spread: Spread | undefined): string {
  if (spread === undefined) return "-";
  const { count, deviation, mean } = spread;
  return count === 1 ? `${percent(mean)} %` : `${percent(mean)} ± ${percent(deviation)} %`;
}

/** `4.727 ± 0.010`. */
function formatLoss(spread: Spread | undefined): string {
  if (spread === undefined) return "-";
  const { count, deviation, mean } = spread;
  return count === 1 ? mean.toFixed(3) : `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`;
}

/** Rows of a comparison's table, the head first: savings at scratch's final loss, and losses. */
export function savingsTable(
  summaries: readonly MethodSummary[],
  { published = {} }: ComparisonReportOptions = {},
): readonly (readonly string[])[] {
  const isCounted = summaries.some(({ savedPublished }) => savedPublished !== undefined);
  const isPublished = Object.keys(published).length > 0;
  const head = [
    "method",
    "FLOPs saved",
    "for good",
    "with the source's",
    "time saved",
    ...(isCounted ? ["paper's counter", "corrected"] : []),
    ...(isPublished ? ["in the paper (FLOPs / time)"] : []),
    "got there",
    "loss at the start",
    "at the end",
    "below scratch by",
  ];
  return [
    head,
    ...summaries.map((one) => [
      one.name,
      ...(one.name === SCRATCH
        ? ["-", "-", "-", "-", ...(isCounted ? ["-", "-"] : [])]
        : [
            formatShare(one.savedFlops),
            formatShare(one.savedForGood),
            formatShare(one.savedFlopsWithSource),
            formatShare(one.savedSeconds),
            ...(isCounted
              ? [formatShare(one.savedPublished), formatShare(one.savedCorrected)]
              : []),
          ]),
      ...(isPublished ? [publishedCell(published[one.name])] : []),
      `${one.reached} of ${one.seeds}${one.diverged > 0 ? `, ${one.diverged} diverged` : ""}`,
      formatLoss(one.startLoss),
      formatLoss(one.endLoss),
      one.name === SCRATCH ? "-" : formatLoss(one.gain),
    ]),
  ];
}

function publishedCell(published: PublishedSaving | undefined): string {
  if (published === undefined) return "";
  const cell = (share: number | undefined): string =>
    share === undefined ? "-" : `${percent(share)} %`;
  return `${cell(published.flops)} / ${cell(published.seconds)}`;
}

/** Rows of scores after fine-tuning, the head first; none where nothing was fine-tuned. */
export function downstreamTable(
  summaries: readonly MethodSummary[],
): readonly (readonly string[])[] {
  const tasks = [...new Set(summaries.flatMap(({ downstream }) => Object.keys(downstream)))];
  if (tasks.length === 0) return [];
  return [
    ["method", ...tasks],
    ...summaries.map(({ downstream, name }) => [
      name,
      ...tasks.map((task) => formatLoss(downstream[task])),
    ]),
  ];
}

/** The page of a comparison. */
export function comparisonReport(
  results: ComparisonResults,
  summaries: readonly MethodSummary[],
  options: ComparisonReportOptions = {},
): Report {
  const curves = summaries
    .filter(({ curve }) => curve.length > 0)
    .map(({ curve: points, name }) => ({ name, points }));
  const scratch = summaries.find(({ name }) => name === SCRATCH);
  const { comparison, machine, missing, versions } = results;
  const seeds = comparison.seeds.length;
  const downstream = downstreamTable(summaries);
  return {
    title: results.title,
    headline: headline(summaries),
    curves,
    targetLoss: scratch?.endLoss?.mean ?? 0,
    tables: [
      {
        caption: "Saved until scratch's final held-out loss is reached, growth included",
        rows: savingsTable(summaries, options),
      },
      {
        caption: "What growing takes",
        rows: [
          ["method", "share of scratch's FLOPs"],
          ...summaries.map((one) => [
            one.name,
            one.growthShare === undefined ? "-" : `${percent(one.growthShare.mean)} %`,
          ]),
        ],
      },
      ...(downstream.length === 0 ? [] : [{ caption: "After fine-tuning", rows: downstream }]),
    ],
    notes: [
      `Mean and standard deviation over ${seeds === 1 ? "one seed" : `${seeds} seeds`}; curves are means. Savings are over the seeds that got to scratch's final loss.`,
      comparison.budget === "flops"
        ? "Equal budgets: what growing takes is taken from training."
        : "Equal numbers of training steps; growing comes on top.",
      "FLOPs are those of the matrix products that ran (2 m n k); the paper's counter is ELECTRA's, with and without its known faults. Evaluation is free for all.",
      ...results.sources.map(
        ({ flops, loss, seed, steps }) =>
          `Source of seed ${seed}: ${steps} steps, ${formatFlops(flops)}, held-out loss ${loss.toFixed(3)}.`,
      ),
      ...(missing.length === 0 ? [] : [`Not run yet: ${missing.join("; ")}.`]),
      ...(options.notes ?? []),
      `${machine}; ${Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", ")}.`,
    ],
  };
}

/** The sentence a reader takes away: who saved most. */
export function headline(summaries: readonly MethodSummary[]): string {
  const [best, second] = summaries
    .filter(({ name, reached, seeds }) => name !== SCRATCH && seeds > 0 && reached === seeds)
    .toSorted((a, b) => (b.savedFlops?.mean ?? 0) - (a.savedFlops?.mean ?? 0));
  if (best === undefined) return "No method got to scratch's final held-out loss on every seed.";
  const next =
    second === undefined ? "" : `; next is ${second.name} with ${formatShare(second.savedFlops)}`;
  return `${best.name} saved most: ${formatShare(best.savedFlops)} of the FLOPs to scratch's final held-out loss, growth included${next}.`;
}
