import { formatFlops, isTie, type PairedDifference, type Spread } from "@ligo/report";
import type { BreakEven } from "./break-even.js";
import { SCRATCH, SOURCE } from "./comparison.js";
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
  /** Row that savings are measured against. Default `scratch`. */
  readonly reference?: string | undefined;
}

export const percent = (share: number): string => (100 * share).toFixed(1);

/** `46.9 ± 2.1 %`; one value has no spread. */
export function formatShare(spread: Spread | undefined): string {
  if (spread === undefined) return "-";
  const { count, deviation, mean } = spread;
  return count === 1 ? `${percent(mean)} %` : `${percent(mean)} ± ${percent(deviation)} %`;
}

/** `4.727 ± 0.010`. */
export function formatLoss(spread: Spread | undefined): string {
  if (spread === undefined) return "-";
  const { count, deviation, mean } = spread;
  return count === 1 ? mean.toFixed(3) : `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`;
}

/** `0.013 [0.004, 0.022]`, with a word where the interval holds zero; one pair has no interval. */
export function formatDifference(difference: PairedDifference | undefined): string {
  if (difference === undefined) return "-";
  const { interval, mean } = difference;
  if (interval === undefined) return mean.toFixed(3);
  const [low, high] = interval.map((bound) => bound.toFixed(3));
  return `${mean.toFixed(3)} [${low}, ${high}]${isTie(difference) ? " tie" : ""}`;
}

/** Rows of the first table, the head first: final losses of all rows, their ranks, and differences with their intervals. */
export function lossTable(
  summaries: readonly MethodSummary[],
  { reference = SCRATCH }: ComparisonReportOptions = {},
): readonly (readonly string[])[] {
  const isRated = summaries.some(({ learningRate }) => learningRate !== undefined);
  return [
    [
      "method",
      "rank",
      ...(isRated ? ["peak rate"] : []),
      "steps",
      "loss at the start",
      "at the end",
      "above the best by",
      `below ${reference} by`,
    ],
    ...summaries.map((one) => [
      one.name,
      one.rank === undefined ? "-" : String(one.rank),
      ...(isRated ? [one.learningRate === undefined ? "-" : String(one.learningRate)] : []),
      one.steps === undefined ? "-" : String(Math.round(one.steps.mean)),
      formatLoss(one.startLoss),
      formatLoss(one.endLoss),
      formatDifference(one.aboveBest),
      formatDifference(one.gain),
    ]),
  ];
}

/** Rows of differences to the source trained on, the head first; none where it was not, or the first table has them all. */
export function sourceTable(
  summaries: readonly MethodSummary[],
  { reference = SCRATCH }: Pick<ComparisonReportOptions, "reference"> = {},
): readonly (readonly string[])[] {
  const all = new Set(summaries.flatMap((one) => Object.keys(one.belowSource)));
  const names = [...all].filter((name) => name !== reference);
  const isEven = summaries.some((one) => one.breakEven !== undefined);
  if (names.length === 0 && !isEven) return [];
  return [
    [
      "method",
      ...names.map((name) => `below ${name} by`),
      ...(isEven ? [`below ${SOURCE} from`] : []),
    ],
    ...summaries.map(({ belowSource, breakEven: even, name }) => [
      name,
      ...names.map((other) => formatDifference(belowSource[other])),
      ...(isEven ? [formatBreakEven(even)] : []),
    ]),
  ];
}

/** `1.20 PFLOPs`, or where the trend leads: `5.10 PFLOPs (3.00 PFLOPs to 9.20 PFLOPs) by its trend`. */
export function formatBreakEven(even: BreakEven | undefined): string {
  if (even === undefined) return "-";
  const { flops, interval, isMeasured } = even;
  if (flops === 0) return "the start";
  if (isMeasured || interval === undefined) return formatFlops(flops);
  const [low, high] = interval;
  const range = Number.isFinite(high)
    ? `${formatFlops(low)} to ${formatFlops(high)}`
    : `${formatFlops(low)} or more`;
  return `${formatFlops(flops)} (${range}) by its trend`;
}

/** Rows of the second table, the head first: savings at the reference's final loss. */
export function savingsTable(
  summaries: readonly MethodSummary[],
  { published = {}, reference = SCRATCH }: ComparisonReportOptions = {},
): readonly (readonly string[])[] {
  const isCounted = summaries.some(({ savedPublished }) => savedPublished !== undefined);
  const isPublished = Object.keys(published).length > 0;
  const head = [
    "method",
    "FLOPs saved",
    "to stay there",
    "source charged too",
    "time saved",
    ...(isCounted ? ["paper's counter", "paper's, corrected"] : []),
    ...(isPublished ? ["in the paper (FLOPs / time)"] : []),
    "reached by seeds",
  ];
  return [
    head,
    ...summaries.map((one) => {
      const saved = (spread: Spread | undefined): string => savedCell(one, reference, spread);
      return [
        one.name,
        saved(one.savedFlops),
        saved(one.savedForGood),
        saved(one.savedFlopsWithSource),
        saved(one.savedSeconds),
        ...(isCounted ? [saved(one.savedPublished), saved(one.savedCorrected)] : []),
        ...(isPublished ? [publishedCell(published[one.name])] : []),
        `${one.reached} of ${one.seeds}${one.diverged > 0 ? `, ${one.diverged} diverged` : ""}`,
      ];
    }),
  ];
}

/** Meaning of the columns of {@link savingsTable}, in lines for a terminal. */
export function savingsNote({ reference = SCRATCH }: ComparisonReportOptions = {}): string {
  return [
    `FLOPs saved: share of what ${reference} spends that a row does not need to reach ${reference}'s final held-out loss,`,
    "growth included. To stay there: until its loss does not rise above that again. Source charged too: with all of",
    "the source's own training.",
    "",
  ].join("\n");
}

/** A saving, or that there is none to speak of: a row may be below the mark before it trains. */
function savedCell(one: MethodSummary, reference: string, saved: Spread | undefined): string {
  if (one.name === reference) return "-";
  if (startsBelow(one)) return "starts below";
  const some = one.startsBelow > 0 ? ` (${one.startsBelow} start below)` : "";
  return `${formatShare(saved)}${some}`;
}

/** Whether a row is below the reference's final loss before it trains, on every seed that reached it. */
export const startsBelow = ({ reached, startsBelow: below }: MethodSummary): boolean =>
  below > 0 && below === reached;

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

/** Rows of losses on other data, the head first; none where there are none. */
export function otherDataTable(
  summaries: readonly MethodSummary[],
): readonly (readonly string[])[] {
  const names = [...new Set(summaries.flatMap(({ evaluation }) => Object.keys(evaluation)))];
  if (names.length === 0) return [];
  return [
    ["method", ...names.flatMap((name) => [`${name}, before training`, "at the end"])],
    ...summaries.map(({ evaluation, name }) => [
      name,
      ...names.flatMap((other) => [
        formatLoss(evaluation[other]?.before),
        formatLoss(evaluation[other]?.after),
      ]),
    ]),
  ];
}
