import type { Random } from "@ligo/core";
import { byteMutators } from "./bytes.js";
import {
  copyTree,
  parseTree,
  renderTree,
  slotsOf,
  type JsonEntry,
  type JsonTree,
  type Slot,
} from "./json-tree.js";
import { chance, few, pick, type Mutator } from "./mutator.js";

const raw = (text: string): JsonTree => ({ kind: "raw", text });

const deep = (open: string, close: string, depth: number, inside: string = ""): string =>
  open.repeat(depth) + inside + close.repeat(depth);

/** Values that are of another type, out of any range, or not JSON. */
const ODD_VALUES: readonly string[] = [
  "null",
  "true",
  "false",
  "0",
  "-0.0",
  "-1",
  "1",
  "2",
  "2.0",
  "2.5",
  "1e-400",
  "1e400",
  "-1e400",
  "NaN",
  "Infinity",
  "-Infinity",
  "255",
  "256",
  "65536",
  "2147483647",
  "2147483648",
  "4294967296",
  "1000000000",
  "9007199254740993",
  "1e21",
  "-9223372036854775808",
  "18446744073709551616",
  '""',
  '" "',
  '"0"',
  '"1"',
  '"null"',
  '"__proto__"',
  '"constructor"',
  '"../../outside"',
  '"\\ud800"',
  '"\\u0000"',
  '"\\u001b[31m\\u202e"',
  '"\u{1F468}\u200D\u{1F469}"',
  "[]",
  "{}",
  "[null]",
  "[[]]",
  '{"":0}',
  "[0,-1]",
  "'single'",
  "undefined",
  "0x10",
  "01",
  "+1",
  ".5",
];

/** Values that are long or deep; rare, as they take time. */
const GREAT_VALUES: readonly (() => string)[] = [
  () => JSON.stringify("x".repeat(100_000)),
  () => JSON.stringify("\u{10FFFF}".repeat(20_000)),
  () => deep("[", "]", 500),
  () => deep("[", "]", 20_000),
  () => deep('{"a":', "}", 20_000, "0"),
  () => deep("[", "]", 200_000),
  () => deep('{"a":', "}", 200_000, "0"),
  () => deep("[", "", 200_000),
  () => `[${Array.from({ length: 20_000 }, () => "0").join(",")}]`,
  () => `{${Array.from({ length: 5000 }, (_, index) => `"k${index}":${index}`).join(",")}}`,
  () => "9".repeat(5000),
];

type Change = (slots: readonly Slot[], random: Random) => void;

const oddValue: Change = (slots, random) => pick(random, slots).set(raw(pick(random, ODD_VALUES)));

const greatValue: Change = (slots, random) =>
  pick(random, slots).set(raw(pick(random, GREAT_VALUES)()));

const isNumber = (slot: Slot): boolean => {
  const tree = slot.get();
  return tree.kind === "raw" && /^-?\d/.test(tree.text);
};
const isString = (slot: Slot): boolean => {
  const tree = slot.get();
  return tree.kind === "raw" && tree.text.startsWith('"');
};
const textOf = (slot: Slot): string => {
  const tree = slot.get();
  return tree.kind === "raw" ? tree.text : "";
};

/** A number that is off by one, doubled, negated, broken or huge. */
const otherNumber: Change = (slots, random) => {
  const numbers = slots.filter(isNumber);
  if (numbers.length === 0) return oddValue(slots, random);
  const slot = pick(random, numbers);
  const value = Number(textOf(slot));
  const others = [
    value + 1,
    value - 1,
    value * 2,
    Math.floor(value / 2),
    -value,
    value + 0.5,
    value * 1000,
    value * 1e9,
    value + 2 ** 32,
    Number(textOf(pick(random, numbers))),
  ];
  const other = String(pick(random, others));
  slot.set(raw(chance(random, 0.1) ? JSON.stringify(other) : other));
};

const INSERTED: readonly string[] = [
  "\0",
  "\n",
  "\r",
  "\t",
  "\x1b[2J",
  "\x7f",
  "\u202e",
  "\ud800",
  "\udc00",
  "\u0301",
  "\u{1F600}",
  "/",
  "\\",
  "..",
  '"',
  " ",
  "%",
  "#",
  "{i}",
  "(a+)+$",
];

/** Another spelling of a text. */
function otherText(text: string, others: readonly string[], random: Random): string {
  const at = random.integer(text.length + 1);
  switch (random.integer(8)) {
    case 0:
      return text.slice(0, at) + pick(random, INSERTED) + text.slice(at);
    case 1:
      return text.slice(0, at);
    case 2:
      return text.slice(at);
    case 3:
      return text + text;
    case 4:
      return chance(random, 0.5) ? text.toUpperCase() : text.toLowerCase();
    case 5:
      return text.slice(0, at) + text.slice(at + 1);
    case 6:
      return text.slice(0, at) + String.fromCharCode(random.integer(0x3000)) + text.slice(at + 1);
    default:
      return pick(random, others);
  }
}

const textsOf = (slots: readonly Slot[]): readonly string[] =>
  slots.filter(isString).map((slot) => parsedText(textOf(slot)));

function parsedText(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

const otherString: Change = (slots, random) => {
  const strings = slots.filter(isString);
  if (strings.length === 0) return oddValue(slots, random);
  const slot = pick(random, strings);
  const text = otherText(parsedText(textOf(slot)), textsOf(slots), random);
  slot.set(raw(JSON.stringify(text)));
};

const members = (slots: readonly Slot[]): readonly Slot[] =>
  slots.filter(({ among }) => among !== undefined);

const remove: Change = (slots, random) => {
  const inside = members(slots);
  if (inside.length === 0) return oddValue(slots, random);
  const { list = [], index = 0 } = pick(random, inside).among ?? {};
  list.splice(index, 1);
};

const entriesOf = (slots: readonly Slot[]): readonly Slot[] =>
  slots.filter(({ entry }) => entry !== undefined);

/** A key once more, with the value it has or with that of another. */
const keyTwice: Change = (slots, random) => {
  const entries = entriesOf(slots);
  if (entries.length === 0) return oddValue(slots, random);
  const { among, entry } = pick(random, entries);
  const value = copyTree(pick(random, chance(random, 0.5) ? entries : slots).get());
  const list = among?.list as JsonEntry[];
  list.splice(random.integer(list.length + 1), 0, { key: entry?.key ?? "", value });
};

const KEYS: readonly string[] = ["", "__proto__", "constructor", "toString", "length", "0", "-1"];

const otherKey: Change = (slots, random) => {
  const entries = entriesOf(slots);
  if (entries.length === 0) return oddValue(slots, random);
  const { entry } = pick(random, entries);
  if (entry === undefined) return;
  const keys = entries.map((one) => one.entry?.key ?? "");
  entry.key = chance(random, 0.2) ? pick(random, KEYS) : otherText(entry.key, keys, random);
};

/** Two places that change their values. */
const exchange: Change = (slots, random) => {
  const inside = members(slots);
  if (inside.length === 0) return oddValue(slots, random);
  const [one, other] = [pick(random, inside), pick(random, inside)];
  const [first, second] = [copyTree(one.get()), copyTree(other.get())];
  one.set(second);
  other.set(first);
};

/** A value that stands in another place too. */
const copyOver: Change = (slots, random) => {
  const value = copyTree(pick(random, slots).get());
  pick(random, slots).set(value);
};

const enlarge: Change = (slots, random) => {
  const arrays = slots.filter((slot) => slot.get().kind === "array");
  if (arrays.length === 0) return oddValue(slots, random);
  const tree = pick(random, arrays).get();
  if (tree.kind !== "array" || tree.items.length === 0) return oddValue(slots, random);
  const item = pick(random, tree.items);
  const times = pick(random, [1, 1, 2, 10, 300]);
  const more = Array.from({ length: times }, () => copyTree(item));
  tree.items.splice(random.integer(tree.items.length + 1), 0, ...more);
};

const shuffle: Change = (slots, random) => {
  const lists = members(slots);
  if (lists.length === 0) return oddValue(slots, random);
  const { list = [] } = pick(random, lists).among ?? {};
  for (let last = list.length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [list[last], list[other]] = [list[other] as JsonTree, list[last] as JsonTree];
  }
};

const wrap: Change = (slots, random) => {
  const slot = pick(random, slots);
  const value = slot.get();
  const key = pick(random, KEYS);
  slot.set(
    chance(random, 0.5)
      ? { kind: "array", items: [value] }
      : { kind: "object", entries: [{ key, value }] },
  );
};

const CHANGES: readonly Change[] = [
  oddValue,
  oddValue,
  oddValue,
  otherNumber,
  otherNumber,
  otherNumber,
  otherString,
  otherString,
  remove,
  remove,
  keyTwice,
  otherKey,
  otherKey,
  exchange,
  copyOver,
  enlarge,
  shuffle,
  wrap,
];

/** A text whose values, keys or lists are others; `undefined` where it is not JSON. */
export function changeJson(text: string, random: Random): string | undefined {
  const tree = parseTree(text);
  if (tree === undefined) return undefined;
  const root = { tree };
  for (let left = few(random, 4); left > 0; left--) {
    const change = chance(random, 0.02) ? greatValue : pick(random, CHANGES);
    change(slotsOf(root), random);
  }
  return renderTree(root.tree);
}

const structure: Mutator = (bytes, random) => {
  const changed = changeJson(Buffer.from(bytes).toString("utf8"), random);
  return changed === undefined ? pick(random, byteMutators)(bytes, random) : Buffer.from(changed);
};

/** How the text is stored. */
const encoding: Mutator = (bytes, random) => {
  const text = Buffer.from(bytes).toString("utf8");
  switch (random.integer(5)) {
    case 0:
      return Buffer.from(`\uFEFF${text}`);
    case 1:
      return Buffer.from(`\uFEFF${text}`, "utf16le");
    case 2:
      return Buffer.from(text, "utf16le");
    case 3:
      return Buffer.from(`${text}\n${text}`);
    default:
      return Buffer.from(`${text} x`);
  }
};

/** Changes of a file that holds JSON. */
export const jsonMutators: readonly Mutator[] = [
  ...Array.from({ length: 40 }, () => structure),
  encoding,
  ...byteMutators,
];
