/** Code points as ranges of first and last, ascending and apart. */
export type Ranges = readonly (readonly [first: number, last: number])[];

const LAST = 0x10ffff;

/**
 * Reads ranges as the generated tables write them: the gap before each range and its length beyond one, in base 36, with a
 * point between them where the length is not zero.
 */
export function readRanges(text: string): Ranges {
  const ranges: [number, number][] = [];
  let next = 0;
  for (const entry of text === "" ? [] : text.split(" ")) {
    const [gap = "", length = "0"] = entry.split(".");
    const first = next + Number.parseInt(gap, 36);
    const last = first + Number.parseInt(length, 36);
    ranges.push([first, last]);
    next = last + 1;
  }
  return ranges;
}

/** Every code point that is in none of the ranges. */
export function complement(ranges: Ranges): Ranges {
  const others: [number, number][] = [];
  let next = 0;
  for (const [first, last] of ranges) {
    if (first > next) others.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= LAST) others.push([next, LAST]);
  return others;
}

/** Every code point that is in one of the sets. */
export function union(sets: readonly Ranges[]): Ranges {
  const sorted = sets.flat().sort(([one], [other]) => one - other);
  const joined: [number, number][] = [];
  for (const [first, last] of sorted) {
    const before = joined.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

/** The inside of a character class of a regular expression with the flag `u` or `v`. */
export function classBody(ranges: Ranges): string {
  return ranges
    .map(([first, last]) => (first === last ? escape(first) : `${escape(first)}-${escape(last)}`))
    .join("");
}

function escape(code: number): string {
  return `\\u{${code.toString(16)}}`;
}

/** A test of single code points. */
export function membership(ranges: Ranges): (code: number) => boolean {
  const small = new Uint8Array(0x80);
  for (const [first, last] of ranges) small.fill(1, first, Math.min(last + 1, 0x80));
  return (code) => {
    if (code < 0x80) return small[code] === 1;
    let [low, high] = [0, ranges.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const [first, last] = ranges[middle] as Ranges[number];
      if (code < first) high = middle - 1;
      else if (code > last) low = middle + 1;
      else return true;
    }
    return false;
  };
}
