import type { Random } from "@ligo/core";
import { chance, pick, type Mutator } from "./mutator.js";

/** Bytes that mean something somewhere. */
const TELLING = Buffer.from(
  "\0\u0001\t\n\r \"#$%&'*+,-./09:;<=>?@AZ[\\]_`az{|}~\x7f\x80\xff",
  "latin1",
);

const joined = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

/** A place in some bytes; their end is one. */
const place = (bytes: Uint8Array, random: Random): number => random.integer(bytes.length + 1);

/** The length of a stretch: mostly short. */
function stretch(random: Random, most: number): number {
  const limit = pick(random, [1, 2, 4, 8, 64, 1024]);
  return 1 + random.integer(Math.max(1, Math.min(limit, most)));
}

function copied(bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (copy.length > 0) change(copy);
  return copy;
}

const flipBit: Mutator = (bytes, random) =>
  copied(bytes, (copy) => {
    const at = random.integer(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random.integer(8));
  });

const setByte: Mutator = (bytes, random) =>
  copied(bytes, (copy) => {
    copy[random.integer(copy.length)] = chance(random, 0.5)
      ? random.integer(256)
      : pick(random, [...TELLING]);
  });

const addToByte: Mutator = (bytes, random) =>
  copied(bytes, (copy) => {
    const at = random.integer(copy.length);
    copy[at] = (copy[at] ?? 0) + pick(random, [-1, 1, 16, -16]);
  });

const overwrite: Mutator = (bytes, random) =>
  copied(bytes, (copy) => {
    const start = random.integer(copy.length);
    const value = pick(random, [0, 0xff, 0x20, 0x80, random.integer(256)]);
    copy.fill(value, start, start + stretch(random, copy.length - start));
  });

const cut: Mutator = (bytes, random) => bytes.subarray(0, place(bytes, random));

const cutFront: Mutator = (bytes, random) => bytes.subarray(place(bytes, random));

const remove: Mutator = (bytes, random) => {
  const start = place(bytes, random);
  return joined(bytes.subarray(0, start), bytes.subarray(start + stretch(random, bytes.length)));
};

const insert: Mutator = (bytes, random) => {
  const start = place(bytes, random);
  const added = Uint8Array.from({ length: stretch(random, 64) }, () =>
    chance(random, 0.5) ? random.integer(256) : pick(random, [...TELLING]),
  );
  return joined(bytes.subarray(0, start), added, bytes.subarray(start));
};

/** Puts a stretch of the bytes elsewhere among them. */
const splice: Mutator = (bytes, random) => {
  const from = place(bytes, random);
  const taken = bytes.subarray(from, from + stretch(random, bytes.length));
  const to = place(bytes, random);
  const over = chance(random, 0.5) ? taken.length : 0;
  return joined(bytes.subarray(0, to), taken, bytes.subarray(to + over));
};

/** Says a stretch again and again. */
const repeat: Mutator = (bytes, random) => {
  const from = place(bytes, random);
  const taken = bytes.subarray(from, from + stretch(random, bytes.length));
  const times = pick(random, [2, 3, 10, 100]);
  const again = Array.from({ length: times }, () => taken);
  return joined(bytes.subarray(0, from), ...again, bytes.subarray(from + taken.length));
};

const swap: Mutator = (bytes, random) =>
  copied(bytes, (copy) => {
    const [one, other] = [random.integer(copy.length), random.integer(copy.length)];
    [copy[one], copy[other]] = [copy[other] ?? 0, copy[one] ?? 0];
  });

const nothing: Mutator = () => new Uint8Array(0);

/** Changes that know nothing of what the bytes mean. */
export const byteMutators: readonly Mutator[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  addToByte,
  overwrite,
  cut,
  cut,
  cutFront,
  remove,
  insert,
  splice,
  repeat,
  swap,
  nothing,
];
