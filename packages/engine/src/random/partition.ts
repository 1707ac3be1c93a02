import type { PartitionOptions } from "../program.js";
import { keystream, type MaskPosition } from "./keep-mask.js";

/**
 * Fills a partition's permutation and its inverse. Each choice of rows is as likely as any other, and follows from seed, step
 * and place alone, as masks do.
 */
export function fillPartition(
  order: Int32Array,
  place: Int32Array,
  { groups, size, kept, whole = 0 }: PartitionOptions,
  position: MaskPosition,
): void {
  const below = integers(position);
  const candidates = new Int32Array(size - whole);
  const isKept = new Uint8Array(size);
  for (let group = 0; group < groups; group++) {
    isKept.fill(1, 0, whole).fill(0, whole);
    for (let index = 0; index < candidates.length; index++) candidates[index] = whole + index;
    // the first draws of a shuffle by Fisher and Yates
    for (let index = 0; index < kept - whole; index++) {
      const other = index + below(candidates.length - index);
      isKept[candidates[other] as number] = 1;
      candidates[other] = candidates[index] as number;
    }
    let [keptAt, leftAt] = [group * kept, groups * kept + group * (size - kept)];
    for (let index = 0; index < size; index++) {
      const row = group * size + index;
      const at = isKept[index] === 1 ? keptAt++ : leftAt++;
      order[at] = row;
      place[row] = at;
    }
  }
}

/** Whole numbers from 0 to below a limit, each as likely. */
function integers(position: MaskPosition): (limit: number) => number {
  const next = keystream(position);
  let bytes = next();
  let at = 0;
  const word = (): number => {
    if (at === bytes.length) {
      bytes = next();
      at = 0;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, 4);
    at += 4;
    return view.getUint32(0, true);
  };
  return (limit) => {
    // words above the last multiple of the limit would favour small numbers
    const fair = 2 ** 32 - (2 ** 32 % limit);
    for (;;) {
      const drawn = word();
      if (drawn < fair) return drawn % limit;
    }
  };
}
