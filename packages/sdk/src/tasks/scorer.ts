import type { JudgedBatch, PredictionObserver } from "@ligo/train";
import { f1Score, matthewsCorrelation, pearsonCorrelation, spearmanCorrelation } from "./scores.js";

/** Sees all that is predicted in an evaluation, and then says what it is worth. */
export interface Scorer {
  readonly see: PredictionObserver;
  /** Scores by the names that GLUE's metrics have in Hugging Face's libraries. */
  scores(): Readonly<Record<string, number>>;
  /** What was predicted, by the names that the data have for their examples, where they have some. */
  predictions?(): Readonly<Record<string, string>>;
}

/** Scores of `logits` [batch, classes] against `labels` [batch], -100 for rows that do not count. */
export function classScorer(classes: number): Scorer {
  const predicted: number[] = [];
  const actual: number[] = [];
  return {
    see({ labels }, { logits }) {
      for (const [row, label] of rowsOf(labels)) {
        if (label < 0) continue;
        const scores = Array.from(logits?.subarray(row * classes, (row + 1) * classes) ?? []);
        predicted.push(scores.indexOf(Math.max(...scores)));
        actual.push(label);
      }
    },
    scores() {
      const found = { predicted, actual, classes };
      return {
        ...(classes === 2 ? { f1: f1Score(found) } : {}),
        matthews_correlation: matthewsCorrelation(found),
      };
    },
  };
}

/** Scores of `logits` [batch, 1] against `labels` [batch], where `label_mask` [batch] is 1. */
export function numberScorer(): Scorer {
  const predicted: number[] = [];
  const actual: number[] = [];
  return {
    see({ labels, label_mask: mask }, { logits }) {
      for (const [row, label] of rowsOf(labels)) {
        if (mask?.[row] !== 1) continue;
        predicted.push(logits?.[row] ?? Number.NaN);
        actual.push(label);
      }
    },
    scores: () => ({
      pearson: pearsonCorrelation(predicted, actual),
      spearmanr: spearmanCorrelation(predicted, actual),
    }),
  };
}

function rowsOf(labels: JudgedBatch[string] | undefined): Iterable<[number, number]> {
  return (labels ?? new Int32Array(0)).entries();
}
