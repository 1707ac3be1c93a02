import { interleavedRuns, interleavingOf, type Interleaving } from "../operator/interleaving.js";
import type { Plan } from "../plan/plan.js";
import { elementCount } from "../shape.js";
import type { ReadSource } from "./read-source.js";

interface StoredRows {
  readonly interleaving: Interleaving;
  /** Numbers of a row. */
  readonly width: number;
}

/** Reads source tensors whose rows interleave space by space, as the maps know them; all others as they are stored. */
export function readInterleaved(plan: Plan, read: ReadSource): ReadSource {
  const stored = new Map<string, StoredRows>();
  for (const { parameter, sourceParameter = parameter, sources, sourceShape } of plan.tensors) {
    const interleaving = interleavingOf(plan.source, sourceParameter);
    if (interleaving === undefined) continue;
    const width = elementCount(sourceShape.slice(1));
    for (const name of sources) stored.set(name, { interleaving, width });
  }
  if (stored.size === 0) return read;
  return async (name, into, start) => {
    const rows = stored.get(name);
    if (rows === undefined) return read(name, into, start);
    const { interleaving, width } = rows;
    const end = start + into.length;
    for (const run of interleavedRuns(interleaving)) {
      const own = run.own * width;
      const from = Math.max(own, start);
      const to = Math.min(own + run.count * width, end);
      if (from >= to) continue;
      const part = into.subarray(from - start, to - start);
      const found = await read(name, part, run.stored * width + from - own);
      if (found !== part) part.set(found);
    }
    return into;
  };
}
