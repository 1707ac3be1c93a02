/** Held-out loss at a point of a training. */
export interface CurvePoint {
  /** Training steps done. */
  readonly step: number;
  /** Floating-point operations of the matrix products so far, growth included. */
  readonly flops: number;
  /** Seconds of growth and of training steps so far, evaluations left out. */
  readonly seconds: number;
  readonly loss: number;
}

/** Mean, sample standard deviation and range of some numbers. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  /** 0 for a single number. */
  readonly deviation: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Place where a curve first falls to `loss`, interpolated between evaluations; `undefined` if it never does. */
export function reach(curve: readonly CurvePoint[], loss: number): Reached | undefined {
  return crossing(
    curve,
    loss,
    curve.findIndex((point) => point.loss <= loss),
  );
}

/** Place where a curve falls to `loss` and stays there, interpolated likewise; `undefined` if it ends above. */
export function reachForGood(curve: readonly CurvePoint[], loss: number): Reached | undefined {
  return crossing(curve, loss, curve.findLastIndex((point) => !(point.loss <= loss)) + 1);
}

/** A place on a curve, between two evaluations. */
export type Reached = Omit<CurvePoint, "loss">;

/** Place where a curve comes to `loss`: between point `index`, at or below it, and the one before, above it. */
function crossing(curve: readonly CurvePoint[], loss: number, index: number): Reached | undefined {
  const after = curve[index];
  if (after === undefined) return undefined;
  const before = curve[index - 1];
  if (before === undefined) return after;
  const share = (before.loss - loss) / (before.loss - after.loss);
  const between = (from: number, to: number): number => from + share * (to - from);
  return {
    flops: between(before.flops, after.flops),
    seconds: between(before.seconds, after.seconds),
    step: between(before.step, after.step),
  };
}

/** Spread of numbers; `undefined` without any. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const [first] = values;
  if (first === undefined) return undefined;
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    count,
    mean,
    deviation: count === 1 ? 0 : Math.sqrt(squares / (count - 1)),
    lowest: Math.min(...values),
    highest: Math.max(...values),
  };
}

/** The curve that has, point by point, the means of several; as long as the shortest. */
export function meanCurve(curves: readonly (readonly CurvePoint[])[]): CurvePoint[] {
  const length = curves.length === 0 ? 0 : Math.min(...curves.map((curve) => curve.length));
  return Array.from({ length }, (_, index) => {
    const points = curves.map((curve) => curve[index] as CurvePoint);
    const mean = (pick: (point: CurvePoint) => number): number =>
      points.reduce((sum, point) => sum + pick(point), 0) / points.length;
    return {
      step: mean(({ step }) => step),
      flops: mean(({ flops }) => flops),
      seconds: mean(({ seconds }) => seconds),
      loss: mean(({ loss }) => loss),
    };
  });
}

/** Lowest and highest loss of several curves at a point. */
export interface Band {
  readonly low: number;
  readonly high: number;
}

/** Range of several curves point by point, as long as the shortest; none of fewer than two. */
export function bandOf(curves: readonly (readonly CurvePoint[])[]): readonly Band[] | undefined {
  if (curves.length < 2) return undefined;
  return meanCurve(curves).map((_, index) => {
    const losses = curves.map((curve) => (curve[index] as CurvePoint).loss);
    return { low: Math.min(...losses), high: Math.max(...losses) };
  });
}
