/** What classes a model predicted, and what they are. */
export interface PredictedClasses {
  readonly predicted: readonly number[];
  readonly actual: readonly number[];
  readonly classes: number;
}

/** F1 of class 1 of two: 2 tp / (2 tp + fp + fn); 0 where it is neither there nor predicted. */
export function f1Score({ actual, predicted }: PredictedClasses): number {
  let [both, either] = [0, 0];
  for (const [row, one] of predicted.entries()) {
    both += Number(one === 1 && actual[row] === 1);
    either += Number(one === 1) + Number(actual[row] === 1);
  }
  return either === 0 ? 0 : (2 * both) / either;
}

/**
 * The correlation coefficient of Matthews, for any number of classes (Gorodkin, 2004); 0 where all predictions or all labels
 * are of one class.
 */
export function matthewsCorrelation({ actual, classes, predicted }: PredictedClasses): number {
  const count = (labels: readonly number[]): readonly number[] =>
    labels.reduce((sums, label) => sums.with(label, (sums[label] ?? 0) + 1), zeros(classes));
  const [guessed, there] = [count(predicted), count(actual)];
  const dot = (one: readonly number[], other: readonly number[]): number =>
    one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
  const right = predicted.filter((one, row) => one === actual[row]).length;
  const all = predicted.length;
  const spread = (all ** 2 - dot(guessed, guessed)) * (all ** 2 - dot(there, there));
  return spread === 0 ? 0 : (right * all - dot(guessed, there)) / Math.sqrt(spread);
}

function zeros(length: number): readonly number[] {
  return Array.from({ length }, () => 0);
}

/** The correlation coefficient of Pearson; NaN where one of both does not vary. */
export function pearsonCorrelation(x: readonly number[], y: readonly number[]): number {
  const mean = (of: readonly number[]): number => of.reduce((sum, one) => sum + one, 0) / of.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [row, value] of x.entries()) {
    const [dx, dy] = [value - meanX, (y[row] ?? 0) - meanY];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? Number.NaN : xy / Math.sqrt(xx * yy);
}

/** The rank correlation of Spearman: Pearson's of ranks, equal values having the mean of theirs. */
export function spearmanCorrelation(x: readonly number[], y: readonly number[]): number {
  return pearsonCorrelation(ranks(x), ranks(y));
}

function ranks(values: readonly number[]): readonly number[] {
  const order = [...values.keys()].toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const found: number[] = [];
  for (let start = 0; start < order.length;) {
    const value = values[order[start] ?? 0];
    let end = start + 1;
    while (end < order.length && values[order[end] ?? 0] === value) end++;
    for (const row of order.slice(start, end)) found[row] = (start + end - 1) / 2;
    start = end;
  }
  return found;
}
