import { formatDifference, formatLoss, formatShare, startsBelow } from "./comparison-table.js";
import { SCRATCH } from "./comparison.js";
import type { MethodSummary } from "./summarize.js";

/** Sentences a reader takes away: which row ends lowest, which tie with it, and which saved most on the way. */
export function headline(
  summaries: readonly MethodSummary[],
  { reference = SCRATCH }: { readonly reference?: string | undefined } = {},
): string {
  return [lowest(summaries), oneSeed(summaries), savedMost(summaries, reference)]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

function lowest(summaries: readonly MethodSummary[]): string {
  const ranked = summaries
    .filter(({ rank }) => rank !== undefined)
    .toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  const [best, next] = ranked;
  if (best === undefined) return "No row came to its end on every seed.";
  const first = `${best.name} ends lowest, at ${formatLoss(best.endLoss)}`;
  if (next === undefined) return `${first}.`;
  const tied = ranked.filter(({ isTied }) => isTied).map(({ name }) => name);
  if (tied.length > 0) {
    const held = "the 95 % interval of the paired difference holds zero";
    return `${first}; ${listed(tied)} ${tied.length === 1 ? "ties" : "tie"} with it (${held}).`;
  }
  return `${first}; next is ${next.name}, ${formatDifference(next.aboveBest)} above.`;
}

const listed = (names: readonly string[]): string =>
  names.length === 1
    ? (names[0] ?? "")
    : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;

/** A warning where no interval can be made. */
function oneSeed(summaries: readonly MethodSummary[]): string {
  const most = Math.max(0, ...summaries.map(({ seeds }) => seeds));
  return most === 1 ? "One seed has no interval: differences may be luck." : "";
}

function savedMost(summaries: readonly MethodSummary[], reference: string): string {
  const mark = `${reference}'s final held-out loss`;
  const arrived = summaries.filter(
    ({ name, rank, reached, seeds }) =>
      name !== reference && rank !== undefined && reached === seeds,
  );
  if (arrived.length === 0) return `No other row reached ${mark} on every seed.`;
  const [best, second] = arrived
    .filter((row) => !startsBelow(row))
    .toSorted((a, b) => (b.savedFlops?.mean ?? 0) - (a.savedFlops?.mean ?? 0));
  const below = arrived.filter(startsBelow).map(({ name }) => name);
  if (best === undefined) {
    return `All rows that reached ${mark} start below it: FLOPs saved say nothing here.`;
  }
  const apart =
    below.length === 0
      ? ""
      : ` ${listed(below)} ${below.length === 1 ? "starts" : "start"} below that mark.`;
  const next =
    second === undefined ? "" : `; next is ${second.name} with ${formatShare(second.savedFlops)}`;
  return `${best.name} saved most: ${formatShare(best.savedFlops)} of the FLOPs to ${mark}, growth included${next}.${apart}`;
}
