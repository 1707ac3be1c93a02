/** The blocks once more, in plain float64 and straight from their definitions: slow, and hard to get wrong. */

export type Row = readonly number[];

/** Rows of a row-major matrix. */
export const rowsOf = (data: Row, columns: number): number[][] =>
  Array.from({ length: data.length / columns }, (_, row) => data.slice(row * columns, (row + 1) * columns));

const dot = (a: Row, b: Row): number => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
const mean = (x: Row): number => x.reduce((sum, value) => sum + value, 0) / x.length;

function softmax(x: Row): number[] {
  const largest = Math.max(...x);
  const exponentials = x.map((value) => Math.exp(value - largest));
  const total = exponentials.reduce((sum, value) => sum + value, 0);
  return exponentials.map((value) => value / total);
}

/** x W^T + b. */
export const linear64 = (x: Row, weight: Row, bias: Row | undefined, inputs: number): number[] =>
  rowsOf(x, inputs).flatMap((row) =>
    rowsOf(weight, inputs).map((w, i) => dot(row, w) + (bias?.[i] ?? 0)),
  );

export const layerNorm64 = (x: Row, gain: Row, bias: Row, epsilon: number): number[] =>
  rowsOf(x, gain.length).flatMap((row) => {
    const centre = mean(row);
    const deviation = Math.sqrt(mean(row.map((value) => (value - centre) ** 2)) + epsilon);
    return row.map((value, i) => (gain[i] as number) * ((value - centre) / deviation) + (bias[i] as number));
  });

/** erf by its series 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (2n+1)!!, whose terms all have one sign. */
export function erf64(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

export const geluErf64 = (x: Row): number[] => x.map((value) => 0.5 * value * (1 + erf64(value / Math.SQRT2)));

export const geluTanh64 = (x: Row): number[] =>
  x.map((value) => 0.5 * value * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3))));

export interface AttentionShape64 {
  readonly batch: number;
  readonly sequence: number;
  readonly heads: number;
}

/** `mask(b, query, key)` is added to the score. */
export function attention64(
  q: Row,
  k: Row,
  v: Row,
  { batch, sequence, heads }: AttentionShape64,
  mask: (b: number, query: number, key: number) => number = () => 0,
): number[] {
  const width = q.length / (batch * sequence);
  const size = width / heads;
  const at = (x: Row, b: number, position: number, head: number): number[] => {
    const start = (b * sequence + position) * width + head * size;
    return x.slice(start, start + size);
  };
  const range = Array.from({ length: sequence }, (_, index) => index);
  const out: number[] = [];
  for (let b = 0; b < batch; b++) {
    for (const query of range) {
      for (let head = 0; head < heads; head++) {
        const scores = range.map((key) => dot(at(q, b, query, head), at(k, b, key, head)) / Math.sqrt(size) + mask(b, query, key));
        const weights = softmax(scores);
        for (let i = 0; i < size; i++) out.push(dot(weights, range.map((key) => at(v, b, key, head)[i] as number)));
      }
    }
  }
  return out;
}

/** Mean of -log softmax over the rows with a label of 0 or more. */
export function crossEntropy64(logits: Row, labels: Row): number[] {
  const losses = rowsOf(logits, logits.length / labels.length).flatMap((row, i) => {
    const label = labels[i] as number;
    return label < 0 ? [] : [-Math.log(softmax(row)[label] as number)];
  });
  return [losses.length === 0 ? 0 : mean(losses)];
}

export const gatherRows64 = (ids: Row, table: Row, columns: number): number[] => {
  const rows = rowsOf(table, columns);
  return ids.flatMap((id) => rows[id] as number[]);
};

/** Gradients of sum(weights * block(...inputs)) by central differences. */
export function gradients64(
  block: (...inputs: Row[]) => Row,
  inputs: readonly Row[],
  weights: Row,
  step = 1e-5,
): number[][] {
  const loss = (which: number, index: number, change: number): number =>
    dot(block(...inputs.map((x, i) => (i === which ? x.map((value, j) => (j === index ? value + change : value)) : x))), weights);
  return inputs.map((x, which) =>
    x.map((_, index) => (loss(which, index, step) - loss(which, index, -step)) / (2 * step)),
  );
}
