import { initialTensor } from "../../layout/initial-tensor.js";
import type { Parameter } from "../../layout/layout.js";
import type { RowGrowth } from "../../plan/row-growth.js";
import { createRandom, type Random } from "../../random.js";
import type { ReadSource } from "../read-source.js";

/** Old rows that are kept to draw from, and numbers of these; as many as a model of usual size has to a row of its covariance. */
const [KEPT_ROWS, KEPT_NUMBERS] = [2 ** 12, 2 ** 24];
/** Numbers that are read at once. */
const READ_NUMBERS = 2 ** 18;
/** Old rows that a drawn one is mixed of. */
const MIXED = 32;
/**
 * Share of the covariance that new rows vary by: that of `resize_token_embeddings` of transformers. They are next to the mean, so
 * that together they take little of the probability of old tokens (Hewitt, "Initializing New Word Embeddings", 2021).
 */
export const COVARIANCE_SHARE = 1e-9;

/** A table of tokens: its name, its parameter, and the numbers of a row. */
export interface TokenTable {
  readonly name: string;
  readonly parameter: Parameter;
  readonly width: number;
}

/** Gives the rows of a table that stand for new tokens. */
export function newTokenRows(
  { name, parameter, width }: TokenTable,
  { drawn = { seed: 0, deviation: 0 }, old, pieces, start }: RowGrowth,
  read: ReadSource,
): (row: number) => Promise<Float32Array> {
  const random = createRandom(drawn.seed).fork(name);
  let moments: Promise<Moments> | undefined;
  return async (row) => {
    const own = random.fork(String(row));
    if (start === "random") return initialTensor(parameter, width, drawn.deviation, own);
    const parts = pieces?.get(row) ?? [];
    if (parts.length > 0) return meanOf(parts, name, width, read);
    moments ??= readMoments({ name, width, rows: old.size }, random.fork("moments"), read);
    return drawRow(await moments, own);
  };
}

async function meanOf(
  rows: readonly number[],
  name: string,
  width: number,
  read: ReadSource,
): Promise<Float32Array> {
  const sum = new Float64Array(width);
  for (const row of rows) {
    const numbers = await read(name, new Float32Array(width), row * width);
    for (let index = 0; index < width; index++)
      sum[index] = (sum[index] as number) + (numbers[index] as number) / rows.length;
  }
  return Float32Array.from(sum);
}

/** The mean of the rows of a table, and some of them. */
interface Moments {
  readonly mean: Float64Array;
  /** Rows one below the other, drawn from all with one probability. */
  readonly kept: Float32Array;
}

interface Table {
  readonly name: string;
  readonly width: number;
  readonly rows: number;
}

async function readMoments(
  { name, rows, width }: Table,
  random: Random,
  read: ReadSource,
): Promise<Moments> {
  const keptRows = Math.min(rows, KEPT_ROWS, Math.max(1, Math.floor(KEPT_NUMBERS / width)));
  const chosen = chooseRows(rows, keptRows, random);
  const kept = new Float32Array(keptRows * width);
  const mean = new Float64Array(width);
  const step = Math.max(1, Math.floor(READ_NUMBERS / width));
  let next = 0;
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    const numbers = await read(name, new Float32Array(count * width), first * width);
    for (let row = 0; row < count; row++) {
      const one = numbers.subarray(row * width, (row + 1) * width);
      for (let index = 0; index < width; index++)
        mean[index] = (mean[index] as number) + (one[index] as number) / rows;
      if (chosen[next] === first + row) kept.set(one, next++ * width);
    }
  }
  return { mean, kept };
}

/** Some rows of all, each set of them as likely as any other (Knuth's selection sampling), in order. */
function chooseRows(rows: number, count: number, random: Random): readonly number[] {
  const chosen: number[] = [];
  for (let row = 0; row < rows && chosen.length < count; row++)
    if (random.uniform() * (rows - row) < count - chosen.length) chosen.push(row);
  return chosen;
}

/**
 * A row about the mean whose covariance, over all draws, is {@link COVARIANCE_SHARE} of that of the rows: normal numbers times
 * the deviations of rows that are picked, x = mean + sqrt(share / n) sum_k z_k (row_k - mean). It is close to normal.
 */
function drawRow({ kept, mean }: Moments, random: Random): Float32Array {
  const { length: width } = mean;
  const rows = kept.length / width;
  const scale = Math.sqrt(COVARIANCE_SHARE / MIXED);
  const drawn = mean.slice();
  for (let part = 0; part < MIXED; part++) {
    const start = random.integer(rows) * width;
    const weight = scale * random.normal();
    for (let index = 0; index < width; index++)
      drawn[index] =
        (drawn[index] as number) +
        weight * ((kept[start + index] as number) - (mean[index] as number));
  }
  return Float32Array.from(drawn);
}
