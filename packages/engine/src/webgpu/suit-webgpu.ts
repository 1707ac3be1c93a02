import { castTo, reachable, type Graph, type Node, type Value } from "../trace/graph.js";
import type { TracedProgram } from "../trace/trace.js";
import { rewrite } from "../onnx/rewrite.js";
import { integers } from "../trace/context.js";

/** Outputs of one operation: a stage of a shader has 12 storage buffers on some adapters, and its input takes one too. */
const MOST_OUTPUTS = 8;

/**
 * A program whose operations onnxruntime's WebGPU provider has, so that none is computed on the CPU, which costs a copy of
 * its operands down and one of its result up: `FusedMatMul` as `Transpose`, `MatMul` and `Mul`, a `Split` into many as a
 * split of splits, a `Slice` of whole numbers as `Gather`, places of the largest numbers by comparisons.
 */
export function suitWebGpu(program: TracedProgram): TracedProgram {
  const nodes = reachable(Object.values(program.outputs));
  return rewrite(program, nodes, (node, operands) => {
    if (node.operation === "FusedMatMul") return [plainProduct(program.graph, node, operands)];
    if (node.operation === "Split" && node.outputs.length > MOST_OUTPUTS)
      return splitInTurn(program.graph, node, operands[0] as Value);
    if (node.operation === "Slice" && node.outputs[0]?.type === "int32")
      return [gatherSlice(program.graph, node, operands)];
    if (node.operation === "Cast") {
      const largest = argMaxOf(operands[0] as Value);
      return largest && [firstLargest(program.graph, largest)];
    }
    return undefined;
  });
}

function transposed(graph: Graph, value: Value): Value {
  const { shape, type } = value;
  const rank = shape.length;
  const perm = shape.map((_, axis) =>
    axis < rank - 2 ? axis : axis === rank - 1 ? rank - 2 : rank - 1,
  );
  return graph.one(
    "Transpose",
    [value],
    perm.map((axis) => shape[axis] as number),
    type,
    { perm },
  );
}

/** `alpha` times the product of two batches of matrices. */
function plainProduct(graph: Graph, { attributes, outputs }: Node, [a, b]: Node["inputs"]): Value {
  const { shape, type } = outputs[0] as Value;
  const left = attributes["transA"] === 1 ? transposed(graph, a as Value) : (a as Value);
  const right = attributes["transB"] === 1 ? transposed(graph, b as Value) : (b as Value);
  const product = graph.one("MatMul", [left, right], shape, type);
  const { float: alpha } = attributes["alpha"] as { readonly float: number };
  if (alpha === 1) return product;
  return graph.one("Mul", [product, graph.splat(alpha, [], type)], shape, type);
}

/** A split into parts that are split in turn. */
function splitInTurn(graph: Graph, node: Node, whole: Value): Value[] {
  const axis = node.attributes["axis"] as number;
  const cut = (value: Value, parts: readonly Value[]): Value[] => {
    if (parts.length === 1) return [value];
    const groups = grouped(parts);
    const lengths = groups.map((part) => lengthOf(part, axis));
    const outputs = lengths.map((length) => ({
      shape: value.shape.with(axis, length),
      type: value.type,
    }));
    const sizes = graph.constant(integers(lengths), [lengths.length]);
    const made = graph.node("Split", [value, sizes], outputs, { axis });
    return groups.flatMap((parts, index) => cut(made[index] as Value, parts));
  };
  return cut(whole, node.outputs);
}

const lengthOf = (parts: readonly Value[], axis: number): number =>
  parts.reduce((sum, { shape }) => sum + (shape[axis] as number), 0);

/** At most {@link MOST_OUTPUTS} runs of as many parts each. */
function grouped(parts: readonly Value[]): Value[][] {
  const size = Math.ceil(parts.length / MOST_OUTPUTS);
  const groups: Value[][] = [];
  for (let begin = 0; begin < parts.length; begin += size)
    groups.push(parts.slice(begin, begin + size));
  return groups;
}

/** Numbers of a constant operand of a slice. */
const bounds = (value: Value | undefined): readonly number[] =>
  value?.source.kind === "constant" ? Array.from(value.source.data, Number) : [];

/** A slice as one `Gather` an axis. */
function gatherSlice(graph: Graph, node: Node, [whole, ...rest]: Node["inputs"]): Value {
  const [starts, , axes, steps] = rest.map(bounds) as readonly (readonly number[])[];
  const target = (node.outputs[0] as Value).shape;
  return (axes as readonly number[]).reduce((value, axis, index) => {
    const [start, step] = [starts?.[index] as number, steps?.[index] ?? 1];
    const length = target[axis] as number;
    const picks = Int32Array.from({ length }, (_, at) => start + at * step);
    const indices = graph.constant(picks, [length]);
    return graph.one("Gather", [value, indices], value.shape.with(axis, length), value.type, {
      axis,
    });
  }, whole as Value);
}

/** The node of a value that is the place of the largest numbers along an axis. */
const argMaxOf = ({ source }: Value): Node | undefined =>
  source.kind === "node" &&
  source.node.operation === "ArgMax" &&
  source.node.inputs[0]?.type === "float32"
    ? source.node
    : undefined;

/** The first place of the largest number along an axis as int32, without the int64 that `ArgMax` gives. */
function firstLargest(graph: Graph, { attributes, inputs }: Node): Value {
  const [x] = inputs as [Value];
  const axis = attributes["axis"] as number;
  const along = graph.constant(integers([axis]), [1]);
  const kept = x.shape.with(axis, 1);
  const reduce = (operation: string, value: Value, keepdims: 0 | 1): Value =>
    graph.one(
      operation,
      [value, along],
      keepdims === 1 ? kept : x.shape.filter((_, index) => index !== axis),
      "float32",
      { keepdims },
    );
  const length = x.shape[axis] as number;
  const places = graph.constant(
    Float32Array.from({ length }, (_, place) => place),
    x.shape.map((_, index) => (index === axis ? length : 1)),
  );
  const isLargest = graph.one("Equal", [x, reduce("ReduceMax", x, 1)], x.shape, "bool");
  const beyond = graph.splat(length, [], "float32");
  const candidates = graph.one("Where", [isLargest, places, beyond], x.shape, "float32");
  return castTo(graph, reduce("ReduceMin", candidates, 0), "int32");
}
