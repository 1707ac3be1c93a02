import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { crossEntropy64, gradients64, rowsOf, type Row } from "../__fixtures__/float64.js";
import {
  engines,
  evaluate,
  evaluateWithGradients,
  floats,
  integers,
  normal,
  type Givens,
} from "../__fixtures__/programs.js";
import {
  hardDistillation,
  imageClassification,
  imageClassifierModel,
  softCrossEntropy,
  softDistillation,
  tensorParameters,
  type Batch,
  type Parameters,
  type StudentLogits,
} from "../index.js";

/** float32 against float64. */
const TOLERANCE = { absolute: 2e-6, relative: 1e-5 };
const CLASSES = 5;

const logSoftmax = (row: Row): number[] => {
  const largest = Math.max(...row);
  const total = row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  return row.map((value) => value - largest - Math.log(total));
};
const softmax = (row: Row): number[] => logSoftmax(row).map(Math.exp);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The definition, row by row. */
const softCrossEntropy64 = (logits: Row, targets: Row): number[] => {
  const wanted = rowsOf(targets, CLASSES);
  return [
    mean(
      rowsOf(logits, CLASSES).map((row, i) =>
        logSoftmax(row).reduce((sum, value, c) => sum - value * (wanted[i]?.[c] ?? 0), 0),
      ),
    ),
  ];
};

/** Equation 2 of the DeiT paper for the distillation head alone: t^2 KL(teacher | student). */
const divergence64 = (student: Row, teacher: Row, t: number): number => {
  const softened = (x: Row): number[][] =>
    rowsOf(
      x.map((value) => value / t),
      CLASSES,
    );
  const wanted = softened(teacher).map(softmax);
  const rows = softened(student).map((row, i) => {
    const own = logSoftmax(row);
    return (wanted[i] ?? []).reduce((sum, p, c) => sum + p * (Math.log(p) - (own[c] ?? 0)), 0);
  });
  return t * t * mean(rows);
};

const targets = floats(
  [4, CLASSES],
  rowsOf([...normal([4, CLASSES], 3).data], CLASSES).flatMap(softmax),
);
const logits = normal([4, CLASSES], 1);
const other = normal([4, CLASSES], 2);
const teacher_logits = normal([4, CLASSES], 5, 2);
const labels = integers([4], [2, 0, 4, 1]);
const numbers = (given: { readonly data: ArrayLike<number> }): number[] => Array.from(given.data);

/** A "model" whose heads are parameters. */
const student = (parameters: Parameters): StudentLogits => {
  const classification = parameters.get("logits") as tf.Tensor2D;
  const distillation = parameters.get("other") as tf.Tensor2D;
  return { classification, distillation, answer: classification.add(distillation).mul(0.5) };
};

describe.each(engines)("image objectives on the %s engine", (_name, engine) => {
  it("softCrossEntropy: value, and gradients by finite differences", async () => {
    const givens: Givens = { logits, weights: floats([], [0.7]) };
    const actual = await evaluateWithGradients(engine, givens, ({ logits: z }) =>
      softCrossEntropy(z as tf.Tensor2D, tf.tensor2d(numbers(targets), [4, CLASSES])),
    );
    const reference = (z: Row = []): number[] => softCrossEntropy64(z, numbers(targets));
    expect(actual["value"]).toBeAllClose(reference(numbers(logits)), TOLERANCE);
    const [gradient] = gradients64(reference, [numbers(logits)], [0.7]);
    expect(actual["gradient/logits"]).toBeAllClose(gradient, TOLERANCE);
  });

  it("softCrossEntropy stays finite for scores of any size", async () => {
    const { value } = await evaluate(
      engine,
      { z: floats([1, 2], [3e4, -3e4]), target: floats([1, 2], [0.5, 0.5]) },
      ({ z, target }) => ({ value: softCrossEntropy(z as tf.Tensor2D, target as tf.Tensor2D) }),
    );
    expect(value).toBeAllClose([3e4], { relative: 1e-6 });
  });

  it("imageClassification learns from distributions where there are some, and is judged by labels", async () => {
    const objective = imageClassification((p) => p.get("logits") as tf.Tensor2D);
    const { soft, hard, ...judged } = await evaluate(
      engine,
      { logits, label_distribution: targets, labels },
      ({ logits: z, ...batch }) => {
        const p = tensorParameters({ logits: z as tf.Tensor });
        const { label_distribution: _, ...rest } = batch;
        return {
          soft: objective.loss(p, batch),
          hard: objective.loss(p, rest),
          ...objective.evaluate(p, batch),
        };
      },
    );
    const wanted = crossEntropy64(numbers(logits), [...labels.data]);
    expect(soft).toBeAllClose(softCrossEntropy64(numbers(logits), numbers(targets)), TOLERANCE);
    expect(hard).toBeAllClose(wanted, TOLERANCE);
    expect(judged["loss"]).toBeAllClose(wanted, TOLERANCE);
    expect(judged["count"]).toEqual(Float32Array.of(4));
  });

  it("distillation: the paper's equations, with options and a batch's scalars", async () => {
    const batchOf = (more: Batch, batch: Batch): Batch => ({ ...batch, ...more });
    const outputs = await evaluate(
      engine,
      { logits, other, teacher_logits, labels },
      ({ logits: z, other: d, ...batch }) => {
        const p = tensorParameters({ logits: z as tf.Tensor, other: d as tf.Tensor });
        const scalars = {
          distillation_alpha: tf.scalar(0.3),
          distillation_temperature: tf.scalar(2),
        };
        return {
          hard: hardDistillation(student).loss(p, batch),
          hardOption: hardDistillation(student, { alpha: 0.2 }).loss(p, batch),
          soft: softDistillation(student).loss(p, batch),
          softOption: softDistillation(student, { alpha: 0.3, temperature: 2 }).loss(p, batch),
          softBatch: softDistillation(student).loss(p, batchOf(scalars, batch)),
          judged: softDistillation(student).evaluate(p, batch).loss,
        };
      },
    );
    const [z, d, t] = [numbers(logits), numbers(other), numbers(teacher_logits)];
    const own = crossEntropy64(z, [...labels.data])[0] as number;
    const prefers = rowsOf(t, CLASSES).map((row) => row.indexOf(Math.max(...row)));
    const taught = crossEntropy64(d, prefers)[0] as number;
    expect(outputs["hard"]).toBeAllClose([0.5 * own + 0.5 * taught], TOLERANCE);
    expect(outputs["hardOption"]).toBeAllClose([0.8 * own + 0.2 * taught], TOLERANCE);
    expect(outputs["soft"]).toBeAllClose([0.9 * own + 0.1 * divergence64(d, t, 3)], TOLERANCE);
    const changed = [0.7 * own + 0.3 * divergence64(d, t, 2)];
    expect(outputs["softOption"]).toBeAllClose(changed, TOLERANCE);
    expect(outputs["softBatch"]).toBeAllClose(changed, TOLERANCE);
    const answer = z.map((value, i) => (value + (d[i] as number)) / 2);
    expect(outputs["judged"]).toBeAllClose(crossEntropy64(answer, [...labels.data]), TOLERANCE);
  });
});

it("a classifier of anything but one label of several has no objective", () => {
  const inputs = {};
  const logitsOf = (p: Parameters): tf.Tensor2D => p.get("logits") as tf.Tensor2D;
  const names = (config: object): string[] =>
    Object.keys(imageClassifierModel(config, inputs, logitsOf).objectives);
  expect(names({ num_labels: 3 })).toEqual(["image-classification"]);
  expect(names({ num_labels: 1 })).toEqual([]);
  expect(names({ problem_type: "multi_label_classification" })).toEqual([]);
});
