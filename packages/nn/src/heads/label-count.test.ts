import { describe, expect, it } from "vitest";
import type * as tf from "@ligo/tfjs";
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
  imageClassification,
  maskedLanguageModelling,
  questionAnswerer,
  textClassification,
  textRegression,
  type Objective,
} from "../index.js";

const logitsOf = (): tf.Tensor2D => {
  throw new Error("Labels are counted without a prediction.");
};
const answers = questionAnswerer({ num_labels: 2 }, {}, logitsOf).objectives["question-answering"];

const cases: readonly (readonly [string, Objective | undefined, Givens, number])[] = [
  [
    "listed masks",
    maskedLanguageModelling(logitsOf),
    {
      label_positions: integers([4], [1, 5, 0, 0]),
      label_ids: integers([4], [7, 8, -100, -100]),
    },
    2,
  ],
  [
    "masks of all positions",
    maskedLanguageModelling(logitsOf),
    { labels: integers([2, 3], [-100, 7, -100, 8, 9, -100]) },
    3,
  ],
  [
    "next tokens",
    causalLanguageModelling(logitsOf),
    { labels: integers([2, 3], [1, 2, 3, 1, -100, 3]) },
    3,
  ],
  ["classes", textClassification(logitsOf), { labels: integers([3], [0, -100, 1]) }, 2],
  ["numbers", textRegression(logitsOf), { labels: floats([3], [0, 1, 2]) }, 3],
  [
    "numbers of which some count",
    textRegression(logitsOf),
    { labels: floats([3], [0, 1, 2]), label_mask: integers([3], [1, 0, 0]) },
    1,
  ],
  [
    "answers, those beyond the sequence left out",
    answers,
    {
      input_ids: integers([3, 2], [1, 2, 3, 4, 5, 6]),
      start_positions: integers([3], [0, 1, 2]),
      end_positions: integers([3], [1, 1, 2]),
    },
    2,
  ],
  ["images", imageClassification(logitsOf), { labels: integers([3], [4, -100, -100]) }, 1],
  [
    "images with a distribution each",
    imageClassification(logitsOf),
    { labels: integers([3], [4, 2, 1]), label_distribution: normal([3, 5], 1) },
    3,
  ],
];

describe.each(engines)("the labelled positions of a batch on the %s engine", (_name, engine) => {
  it.each(cases)("are counted: %s", async (_case, objective, given, count) => {
    const outputs = await evaluate(engine, given, (batch) => ({
      count: (objective as Required<Objective>).count(batch),
    }));
    expect(outputs["count"]).toEqual(Float32Array.of(count));
  });
});
