import type { Random } from "@ligo/core";

/** Up to `count` of `items`, each as likely, by the first steps of a Fisher-Yates shuffle; reorders `items`. */
export function drawWithoutReplacement(
  items: Int32Array,
  count: number,
  random: Random,
): Int32Array {
  const drawn = Math.min(count, items.length);
  for (let k = 0; k < drawn; k++) swap(items, k, k + random.integer(items.length - k));
  return items.subarray(0, drawn);
}

/** 0..count-1 in random order. */
export function permutation(count: number, random: Random): Int32Array {
  return drawWithoutReplacement(
    Int32Array.from({ length: count }, (_, k) => k),
    count,
    random,
  );
}

function swap(items: Int32Array, one: number, other: number): void {
  const kept = items[one] ?? 0;
  items[one] = items[other] ?? 0;
  items[other] = kept;
}
