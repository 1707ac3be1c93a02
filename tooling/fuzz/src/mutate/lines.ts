import { gunzipSync, gzipSync } from "node:zlib";
import type { Random } from "@ligo/core";
import { byteMutators } from "./bytes.js";
import { changeJson } from "./json.js";
import { chance, few, pick, type Mutator } from "./mutator.js";

type Change = (lines: string[], random: Random) => void;

const at = (lines: readonly string[], random: Random): number => random.integer(lines.length);

/** Puts something into a line. */
const putInto = (text: (random: Random) => string): Change => {
  return (lines, random) => {
    const index = at(lines, random);
    const line = lines[index] ?? "";
    const place = random.integer(line.length + 1);
    lines[index] = line.slice(0, place) + text(random) + line.slice(place);
  };
};

const ODD_CELLS: readonly string[] = [
  "",
  "-1",
  "-",
  "n/a",
  "NaN",
  "null",
  "1.0",
  "1e3",
  "01",
  "\u0661",
  '"',
  '""',
  '"a""b"',
  "\u00a0",
  "\0",
  "\x1b[31m",
  "\u202e",
  "\uFEFF",
  "\ud800",
];

/** Gives a cell of a row another content. */
const oddCell: Change = (lines, random) => {
  const index = at(lines, random);
  const delimiter = pick(random, ["\t", ","]);
  const cells = (lines[index] ?? "").split(delimiter);
  cells[random.integer(cells.length)] = pick(random, ODD_CELLS);
  lines[index] = cells.join(delimiter);
};

const SIGNS = ['"', '"', '"', ",", "\t", "\r", "\0", "'", "\\", " ", "\u2028", "\x85", "\f", ":"];

const CHANGES: readonly Change[] = [
  (lines, random) => void lines.splice(at(lines, random), 1),
  (lines, random) => void lines.splice(at(lines, random), 0, lines[at(lines, random)] ?? ""),
  (lines, random) => void lines.splice(at(lines, random), 0, ""),
  (lines, random) => {
    const [one, other] = [at(lines, random), at(lines, random)];
    [lines[one], lines[other]] = [lines[other] ?? "", lines[one] ?? ""];
  },
  // two lines in one
  (lines, random) => {
    const index = at(lines, random);
    lines.splice(index, 2, (lines[index] ?? "") + (lines[index + 1] ?? ""));
  },
  putInto((random) => pick(random, SIGNS)),
  putInto((random) => pick(random, SIGNS)),
  putInto((random) => pick(random, ODD_CELLS)),
  putInto((random) => "x".repeat(pick(random, [10, 1000, 100_000]))),
  putInto((random) => pick(random, SIGNS).repeat(pick(random, [2, 3, 1000]))),
  oddCell,
  oddCell,
  oddCell,
  // a line that is cut
  (lines, random) => {
    const index = at(lines, random);
    const line = lines[index] ?? "";
    lines[index] = line.slice(0, random.integer(line.length + 1));
  },
  (lines, random) => {
    const line = lines[at(lines, random)] ?? "";
    const times = pick(random, [2, 20, 500]);
    lines.splice(at(lines, random), 0, ...Array.from({ length: times }, () => line));
  },
];

/** Lines that hold JSON, each by itself. */
const jsonLine: Change = (lines, random) => {
  const index = at(lines, random);
  lines[index] = changeJson(lines[index] ?? "", random) ?? lines[index] ?? "";
};

const changed =
  (changes: readonly Change[]): Mutator =>
  (bytes, random) => {
    const lines = Buffer.from(bytes).toString("utf8").split("\n");
    for (let left = few(random, 4); left > 0; left--) {
      if (lines.length === 0) lines.push("");
      pick(random, changes)(lines, random);
    }
    return Buffer.from(lines.join(chance(random, 0.05) ? pick(random, ["\r\n", "\r"]) : "\n"));
  };

/** How a text is stored. */
const encoded: Mutator = (bytes, random) => {
  const text = Buffer.from(bytes).toString("utf8");
  const [encoding, mark] = pick(random, [
    ["utf16le", "\uFEFF"],
    ["utf16le", ""],
    ["latin1", "\xe9"],
    ["utf8", "\uFEFF"],
  ] as const);
  return Buffer.from(`${mark}${text}`, encoding);
};

const many = (mutator: Mutator, count: number): readonly Mutator[] =>
  Array.from({ length: count }, () => mutator);

/** Changes of a text of lines. */
export const lineMutators: readonly Mutator[] = [
  ...many(changed(CHANGES), 30),
  encoded,
  ...byteMutators,
];

/** Changes of a file with a JSON object a line. */
export const jsonLineMutators: readonly Mutator[] = [
  ...many(changed([jsonLine, jsonLine, jsonLine, ...CHANGES]), 40),
  encoded,
  ...byteMutators,
];

/** Text that YAML reads in a way of its own. */
const YAML: readonly string[] = [
  "? ",
  "- ",
  "&a ",
  "*a",
  "<<: *a",
  "!!binary ",
  "!!set ",
  "!!js/function ",
  "!!timestamp ",
  "|\n  ",
  ">-\n  ",
  "%YAML 1.1\n---\n",
  "---\n",
  "...\n",
  "{",
  "[",
  "yes",
  "0o17",
  "1_000",
  "12:30:45",
  ".nan",
  "~",
  "# ",
  "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]\n",
];

/** Changes of a YAML file. */
export const yamlMutators: readonly Mutator[] = [
  ...many(
    changed([
      ...CHANGES,
      ...Array.from({ length: 8 }, () => putInto((random) => pick(random, YAML))),
      putInto((random) =>
        pick(random, ["[", "{a: ", "- "]).repeat(pick(random, [50, 2000, 20_000])),
      ),
    ]),
    40,
  ),
  ...byteMutators,
];

/** Changes of a gzipped file: of the text in it, or of the bytes as they are. */
export const gzipMutators = (inner: readonly Mutator[]): readonly Mutator[] => {
  const inside: Mutator = (bytes, random) => {
    try {
      return gzipSync(pick(random, inner)(gunzipSync(bytes), random));
    } catch {
      return pick(random, byteMutators)(bytes, random);
    }
  };
  return [...many(inside, 20), ...byteMutators];
};
