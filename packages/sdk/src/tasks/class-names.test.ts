import { expect, it } from "vitest";
import type { ModelSpec } from "../models/model-spec.js";
import { classNames } from "./class-names.js";

const spec = (count: number, id2label: unknown): ModelSpec => {
  const layout = { className: "BertForSequenceClassification", spaces: { label: { size: count } } };
  return { config: { id2label }, file: "config.json", layout } as unknown as ModelSpec;
};

it.each([
  [{ 0: "no", 1: "yes" }, ["no", "yes"]],
  // as run_glue.py writes labels that are integers
  [{ 0: 3, 1: 5 }, ["3", "5"]],
  [undefined, ["LABEL_0", "LABEL_1"]],
  [null, ["LABEL_0", "LABEL_1"]],
])("of %j", (id2label, names) => {
  expect(classNames(spec(2, id2label))).toEqual(names);
});

it("are all there", () => {
  expect(() => classNames(spec(3, { 0: "no", 1: "yes" }))).toThrow("does not name the class 2");
});
