import type { FoundLabels } from "@ligo/data";
import { describe, expect, it } from "vitest";
import { labelConfig } from "./label-config.js";
import { classReader, isNumber, wholeNumber } from "./label-text.js";

/** Labels of a table, a row each; -1 apart. */
function found(...texts: readonly string[]): FoundLabels {
  const [labels, minusOne] = [new Map<string, string>(), new Map<string, string>()];
  for (const [row, text] of texts.entries()) {
    const known = /^-1(\.0)?$/.test(text) ? minusOne : labels;
    if (!known.has(text)) known.set(text, `rows.csv, line ${row + 2}`);
  }
  return { labels, minusOne };
}

/** Names of the classes in order; `LABEL_0, LABEL_1` where there are none in the config, as those are the default. */
function headOf(texts: readonly string[], asked?: number): string {
  const { id2label, problem_type: kind } = labelConfig(found(...texts), asked);
  if (kind === "regression") return "a number";
  return Object.values((id2label as object | undefined) ?? ["LABEL_0", "LABEL_1"]).join(" ");
}

describe("the head of labels", () => {
  it.each<[readonly string[], string]>([
    [["0", "1"], "LABEL_0 LABEL_1"],
    [["0"], "LABEL_0 LABEL_1"],
    [["1"], "LABEL_0 LABEL_1"],
    [["2", "0", "1"], "LABEL_0 LABEL_1 LABEL_2"],
    // as pandas, Parquet and JSON have a column of floats
    [["0.0", "1.0"], "LABEL_0 LABEL_1"],
    [["1.0", "0", "1", "2."], "LABEL_0 LABEL_1 LABEL_2"],
    // -1 is no label: never a class more, never a regression
    [["0", "-1", "1"], "LABEL_0 LABEL_1"],
    [["-1.0", "0.0", "1.0"], "LABEL_0 LABEL_1"],
    [["no", "yes", "-1"], "no yes"],
    // numbers that leave some out are names, as run_glue.py has them
    [["5", "1", "3", "2", "4"], "1 2 3 4 5"],
    [["10", "9", "2"], "2 9 10"],
    [["2019", "2020.0"], "2019 2020"],
    [["90210", "9007199254740993", "9007199254740992"], "90210 9007199254740992 9007199254740993"],
    // digits that are no numbers stay apart
    [["1", "01", "10"], "01 1 10"],
    [["00", "01"], "00 01"],
    [["b", "a", "c"], "a b c"],
    [["3.8", "2", "0.5"], "a number"],
    [["0.5", "-1", "1"], "a number"],
    [["-1", "-2", "0"], "a number"],
    [["1e-3", "2"], "a number"],
  ])("%j: %s", (texts, head) => {
    expect(headOf(texts)).toBe(head);
  });

  it.each<[readonly string[], number, string]>([
    [["0", "1"], 3, "LABEL_0 LABEL_1 LABEL_2"],
    [["0", "2"], 3, "LABEL_0 LABEL_1 LABEL_2"],
    [["1", "2", "3"], 3, "1 2 3"],
    [["0", "1"], 1, "a number"],
    [["-1", "1"], 1, "a number"],
    [["1.5", "1.0"], 2, "1.0 1.5"],
    [["0", "1", "many"], 3, "0 1 many"],
  ])("%j with %i labels asked for: %s", (texts, asked, head) => {
    expect(headOf(texts, asked)).toBe(head);
  });

  it.each<[readonly string[], number | undefined, string]>([
    [
      ["0", "1", "bad"],
      undefined,
      'rows.csv, line 4: the label is "bad", while others are numbers',
    ],
    [["0.5", "bad", "1.5"], undefined, 'rows.csv, line 3: the label is "bad"'],
    [["0x10", "1"], undefined, 'rows.csv, line 2: the label is "0x10"'],
    [["bad", "1"], 1, 'rows.csv, line 2: the label is "bad"'],
    [
      ["1", "-1", "1"],
      undefined,
      'rows.csv, line 3: -1 stands for no class, and all others are "1"',
    ],
    [["-1"], undefined, "rows.csv, line 2: -1 stands for no class, and there is no other"],
    [["a"], undefined, "2 labels are wanted, but the data have 1"],
    [["0", "7"], 3, "3 labels go from 0 to 2, but the data have 7"],
    [["a", "b"], 3, "3 labels are wanted, but the data have 2"],
  ])("%j with %s labels asked for is refused", (texts, asked, words) => {
    expect(() => labelConfig(found(...texts), asked)).toThrow(words);
  });
});

describe("labels of classes", () => {
  it.each<[readonly string[], Readonly<Record<string, number | undefined>>]>([
    [
      ["no", "yes"],
      { no: 0, yes: 1, 0: 0, 1: 1, "1.0": 1, 2: undefined, "01": undefined, "-1": undefined },
    ],
    [["LABEL_0", "LABEL_1"], { LABEL_1: 1, 1: 1, "0.0": 0, label_1: undefined, "0x1": undefined }],
    // names that are numbers are names first, and nothing else
    [["1", "2", "3"], { 1: 0, 3: 2, 0: undefined, "2.0": 1 }],
    [["5", "10"], { 5: 0, 10: 1, 0: undefined, 1: undefined }],
    [["1", "0"], { 1: 0, 0: 1 }],
    [["neg", "0"], { neg: 0, 0: 1, 1: undefined }],
    [["0", "1"], { 0: 0, 1: 1 }],
    [["01", "1", "10"], { "01": 0, 1: 1, 10: 2, 2: undefined, 0: undefined }],
    [["-1", "0"], { "-1": 0, 0: 1 }],
  ])("among %j", (names, expected) => {
    const { read } = classReader(names);
    for (const [text, label] of Object.entries(expected)) expect(read(text), text).toBe(label);
  });

  it("tell what they may be, of many classes the first", () => {
    expect(classReader(["no", "yes"]).expected).toBe("0 to 1, or no, yes");
    expect(classReader(["2", "4"]).expected).toBe("one of 2, 4");
    const many = Array.from({ length: 1000 }, (_, label) => `class ${label}`);
    expect(classReader(many).expected).toMatch(/^0 to 999, or class 0, .*class 9, \.\.\.$/);
  });
});

it.each(["1", "-1", "+1.5", ".5", "1.", "0", "1e3", "0.10"])("%s is a number", (text) => {
  expect(isNumber(text)).toBe(true);
});
it.each(["", "-", ".", "01", "0x10", "1e999", "NaN", "Infinity", "1,5", "1 2", "e1"])(
  "%j is no number",
  (text) => {
    expect(isNumber(text)).toBe(false);
  },
);
it.each([
  ["0", "0"],
  ["1.0", "1"],
  ["10.", "10"],
  ["-0", undefined],
  ["1.5", undefined],
  ["00", undefined],
])("%s is the whole number %s", (text, digits) => {
  expect(wholeNumber(text)).toBe(digits);
});
