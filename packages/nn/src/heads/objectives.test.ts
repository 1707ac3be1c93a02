import type { Numbers } from "@ligo/engine";
import type * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { crossEntropy64 } from "../__fixtures__/float64.js";
import {
  engines,
  evaluate,
  floats,
  integers,
  normal,
  type Givens,
} from "../__fixtures__/programs.js";
import {
  causalLanguageModelling,
  textClassification,
  textRegression,
  tensorParameters,
} from "../index.js";

const logits = normal([6, 5], 1);
const rows = Array.from({ length: 6 }, (_, i) => [...logits.data.subarray(i * 5, i * 5 + 5)]);
const best = rows.map((row) => row.indexOf(Math.max(...row)));
const other = best.map((label) => (label + 1) % 5);

/** "Models" whose logits are a parameter. */
const causal = causalLanguageModelling((parameters) => parameters.get("logits") as tf.Tensor2D);
const classifier = textClassification((parameters) => parameters.get("logits") as tf.Tensor2D);

const regressor = textRegression((parameters) => parameters.get("logits") as tf.Tensor2D);

describe.each(engines)("causalLanguageModelling on the %s engine", (_name, engine) => {
  it("compares every position with the label of the next", async () => {
    // First row: right, wrong; second row: ignored, right. The last position of a row predicts nothing.
    const labels = [4, best[0]!, other[1]!, 0, -100, best[4]!];
    const wanted = crossEntropy64(rows.flat(), [best[0]!, other[1]!, -100, -100, best[4]!, -100]);
    const given = { logits, labels: integers([2, 3], labels) };
    const outputs = await evaluate(engine, given, ({ logits, ...batch }) => {
      const parameters = tensorParameters({ logits: logits! });
      return { only: causal.loss(parameters, batch), ...causal.evaluate(parameters, batch) };
    });
    expect(outputs["only"]).toBeAllClose(wanted);
    expect(outputs["loss"]).toBeAllClose(wanted);
    expect(outputs["correct"]).toEqual(Float32Array.of(2));
    expect(outputs["count"]).toEqual(Float32Array.of(3));
  });

  it("has nothing to predict in sequences of one token", async () => {
    const given = { logits, labels: integers([6, 1], best) };
    const outputs = await evaluate(engine, given, ({ logits, ...batch }) => ({
      ...causal.evaluate(tensorParameters({ logits: logits! }), batch),
    }));
    expect(outputs).toEqual({
      loss: Float32Array.of(0),
      correct: Float32Array.of(0),
      count: Float32Array.of(0),
    });
  });
});

describe.each(engines)("classification on the %s engine", (_name, engine) => {
  it("compares every sample with its label", async () => {
    const labels = [best[0]!, other[1]!, -100, best[3]!, best[4]!, other[5]!];
    const wanted = crossEntropy64(rows.flat(), labels);
    const given = { logits, labels: integers([6], labels) };
    const outputs = await evaluate(engine, given, ({ logits, ...batch }) => {
      const parameters = tensorParameters({ logits: logits! });
      return {
        only: classifier.loss(parameters, batch),
        ...classifier.evaluate(parameters, batch),
      };
    });
    expect(outputs["only"]).toBeAllClose(wanted);
    expect(outputs["loss"]).toBeAllClose(wanted);
    expect(outputs["correct"]).toEqual(Float32Array.of(3));
    expect(outputs["count"]).toEqual(Float32Array.of(5));
    expect(outputs["logits"]).toBeAllClose(logits.data);
  });
});

describe.each(engines)("regression on the %s engine", (_name, engine) => {
  const labels = floats([6], [1, -2, 0.5, 3, 0, 7]);
  const column = floats([6, 1], logits.data.slice(0, 6));
  const errors = [...column.data].map((value, row) => (value - (labels.data[row] ?? 0)) ** 2);
  const mean = (...values: readonly number[]): readonly number[] => [
    values.reduce((sum, value) => sum + value, 0) / values.length,
  ];
  const judge = (given: Givens): Promise<Record<string, Numbers>> =>
    evaluate(engine, given, ({ logits, ...batch }) => {
      const parameters = tensorParameters({ logits: logits! });
      return { only: regressor.loss(parameters, batch), ...regressor.evaluate(parameters, batch) };
    });

  it("is the mean squared error of every sample", async () => {
    const outputs = await judge({ logits: column, labels });
    expect(outputs["only"]).toBeAllClose(mean(...errors));
    expect(outputs["loss"]).toBeAllClose(mean(...errors));
    expect(outputs["count"]).toEqual(Float32Array.of(6));
    expect(outputs["correct"]).toBeUndefined();
    expect(outputs["logits"]).toBeAllClose(column.data);
  });

  it("leaves out samples that do not count", async () => {
    const mask = integers([6], [1, 1, 0, 1, 0, 0]);
    const outputs = await judge({ logits: column, labels, label_mask: mask });
    expect(outputs["loss"]).toBeAllClose(mean(errors[0]!, errors[1]!, errors[3]!));
    expect(outputs["count"]).toEqual(Float32Array.of(3));
  });
});

it("objectives say what they learn from, and the inputs a step must hold", () => {
  expect(causal).toMatchObject({ data: "text", learns: "next-token" });
  expect(causal.teacher).toEqual({ need: "optional", softened: true, fades: true });
  expect(classifier).toMatchObject({ data: "labelled-text", learns: "class" });
  expect(regressor).toMatchObject({ data: "labelled-text", learns: "number" });
  expect([classifier.teacher, regressor.teacher]).toEqual([undefined, undefined]);
  expect(causal.inputs).toEqual(["input_ids", "labels"]);
  expect(classifier.inputs).toEqual(["input_ids", "attention_mask", "labels"]);
});
