import { DataError } from "../errors/data-error.js";

/** The source that a draw comes from, and how many came from it before. */
export interface MixtureDraw {
  readonly source: number;
  readonly place: number;
}

/**
 * Spreads draws over sources in proportion to their weights, as evenly as can be: of any n draws in a row the share of a
 * source is its weight to within one draw per source. Draw n is known at once. Of two sources with shares p and 1 - p the
 * first has draw n where floor((n + 1) p) exceeds floor(n p); of more, the others share what the first leaves, likewise.
 */
export function createMixture(weights: readonly number[]): (draw: number) => MixtureDraw {
  checkWeights(weights);
  const shares = weights.map(
    (weight, source) => weight / weights.slice(source).reduce((sum, one) => sum + one, 0),
  );
  return (draw) => {
    let rest = draw;
    for (const [source, share] of shares.entries()) {
      const before = Math.floor(rest * share);
      if (source === shares.length - 1) return { source, place: rest };
      if (Math.floor((rest + 1) * share) > before) return { source, place: before };
      rest -= before;
    }
    throw new RangeError("A mixture needs at least one source.");
  };
}

/** Draws until every block of every source has come at least once, to within one. */
export function mixtureEpoch(weights: readonly number[], counts: readonly number[]): number {
  const total = weights.reduce((sum, one) => sum + one, 0);
  return Math.max(
    ...counts.map((count, source) => Math.ceil((count * total) / (weights[source] ?? total))),
  );
}

function checkWeights(weights: readonly number[]): void {
  const bad = weights.find((weight) => !(weight > 0 && Number.isFinite(weight)));
  if (bad === undefined && weights.length > 0) return;
  throw new DataError("data/bad-option", `A weight is ${bad}; give a number above 0 per source.`, {
    expected: "numbers above 0",
    actual: String(bad),
  });
}
