import type { TensorOrigins } from "@ligo/core/operator";
import { ORIGIN } from "@ligo/core/operator";
import type { EntriesByName } from "@ligo/train";

/** Stretches of rows [begin, end), axis by axis. */
export type RowStretches = readonly (readonly (readonly [begin: number, end: number])[])[];

/**
 * The entries of a grown tensor that are the source's, as a record holds them: those whose every row lies in a stretch of its axis;
 * `undefined` where there are none.
 */
export function oldStretches({ axes }: TensorOrigins): RowStretches | undefined {
  const stretches = axes?.map((rows) => {
    const found: [number, number][] = [];
    for (const [row, origin] of rows.entries()) {
      if (origin !== ORIGIN.first) continue;
      const last = found.at(-1);
      if (last?.[1] === row) last[1] = row + 1;
      else found.push([row, row + 1]);
    }
    return found;
  });
  return stretches?.every((axis) => axis.length > 0) === true ? stretches : undefined;
}

/** The same as rows of every axis, 1 where an entry may be old. */
function oldRows(
  stretches: RowStretches | undefined,
  shape: readonly number[],
): readonly Uint8Array[] {
  return shape.map((size, axis) => {
    const rows = new Uint8Array(size);
    for (const [begin, end] of stretches?.[axis] ?? []) rows.fill(1, begin, end);
    return rows;
  });
}

/** The old entries of all tensors of a model; those that a record does not know are new. */
export function oldEntries(
  known: ReadonlyMap<string, RowStretches>,
  tensors: Iterable<{ readonly name: string; readonly shape: readonly number[] }>,
): EntriesByName {
  return new Map([...tensors].map(({ name, shape }) => [name, oldRows(known.get(name), shape)]));
}
