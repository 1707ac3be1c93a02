import { elementCount } from "../shape.js";
import { spreadMap } from "./carried-spread.js";
import type { Expression, ExpressionTerm } from "./expression.js";
import type { Given, GivenNumbers } from "./given-numbers.js";
import { growAxis, growsInPlace, newSizeOf, type Segment, type Tensor } from "./grow-axis.js";
import { countRows } from "./map-rows.js";
import { missingTensor, wrongShape } from "./operator-errors.js";

/** The maps of all axes of a term for one source layer; `undefined` where an axis stays as it is. */
export async function termSegments(
  expression: Expression,
  term: ExpressionTerm,
  layer: number,
  numbers: Pick<GivenNumbers, "map">,
): Promise<readonly (readonly Segment[] | undefined)[]> {
  const axes: (readonly Segment[] | undefined)[] = [];
  for (const axis of term.axes.keys())
    axes.push(await axisSegments(expression, term, axis, layer, numbers));
  return axes;
}

async function axisSegments(
  expression: Expression,
  term: ExpressionTerm,
  axis: number,
  layer: number,
  numbers: Pick<GivenNumbers, "map">,
): Promise<readonly Segment[] | undefined> {
  const found = term.axes[axis];
  if (found === undefined) return undefined;
  const segments: Segment[] = [];
  for (const { oldSize, newSize, map: names, spread } of found) {
    const name = typeof names === "string" ? names : names?.[layer];
    const stored = name === undefined ? undefined : await numbers.map(name, "axis");
    const map = stored && spread ? spreadMap(stored, spread) : stored;
    if (name !== undefined) {
      if (map === undefined) throw missingTensor(name, expression.name);
      const { rows, columns } = map.matrix;
      if (rows !== newSize || columns !== oldSize)
        throw wrongShape(name, newSize, oldSize, map.matrix);
    }
    segments.push({ oldSize, newSize, map });
  }
  return segments;
}

/**
 * The mode products M_1 x_1 M_2 x_2 ... T: the axes grown one after the other, in the order that takes the fewest
 * multiplications; of equals the last one first, as the published code.
 */
export async function growAxes(
  tensor: Tensor,
  axes: readonly (readonly Segment[] | undefined)[],
  { multiply, memory }: Pick<Given, "multiply" | "memory">,
  into: Float32Array,
): Promise<void> {
  const order = axes
    .flatMap((segments, axis) =>
      segments === undefined ? [] : [{ axis, segments, urgency: urgency(segments) }],
    )
    .toSorted((a, b) => (a.urgency === b.urgency ? b.axis - a.axis : b.urgency - a.urgency));
  const last = order.at(-1);
  const beforeLast = order.at(-2);
  const isInPlace = last !== undefined && growsInPlace(last.axis, last.segments);
  const place = (step: (typeof order)[number], size: number): Float32Array => {
    if (step === last) return into;
    // What the last growth would copy as it is goes to its place at once.
    return isInPlace && step === beforeLast ? into.subarray(0, size) : memory.float32(size);
  };
  let grown = tensor;
  for (const step of order) {
    const { axis, segments } = step;
    const shape = grown.shape.with(axis, newSizeOf(segments));
    const target = place(step, elementCount(shape));
    grown = await growAxis(grown, axis, segments, { multiply, memory, into: target });
  }
  if (order.length === 0) into.set(tensor.data);
}

/**
 * The urgency of growing an axis: multiplications that one vector along it takes, by what it adds. Of two axes with c and d
 * multiplications from m to M and from n to N, the first one first takes c n + M d in each plane, the other first d m + N c:
 * less where c / (M - m) is more than d / (N - n).
 */
function urgency(segments: readonly Segment[]): number {
  const multiplications = segments.reduce(
    (sum, { oldSize, map }) => sum + countRows(map?.rows.dense ?? []) * oldSize,
    0,
  );
  if (multiplications === 0) return 0;
  const added = segments.reduce((sum, { oldSize, newSize }) => sum + newSize - oldSize, 0);
  return added > 0 ? multiplications / added : Infinity;
}
