import { integers } from "../trace/context.js";
import { reachable, readersOf, sizeOf, type Graph, type Node, type Value } from "../trace/graph.js";

/** Operations whose result at an index depends on their operands at that index, or on scalars. */
const ELEMENTWISE = new Set(["Add", "Sub", "Mul", "Div", "Sqrt", "Neg", "Max", "Min"]);

/** Part of a state tensor: elements `begin` to `end` of its flat array. */
export interface StateTile {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

export interface TiledUpdates {
  /** Outputs with `state/<name>#<tile>` in place of `state/<name>` where a state is tiled. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** Tiles by the key of their output, which is also the name of their input. */
  readonly tiles: ReadonlyMap<string, StateTile>;
}

export interface TileOptions {
  readonly graph: Graph;
  readonly outputs: Readonly<Record<string, Value>>;
  /** States that are written in place; only these are tiled. */
  readonly inPlace: ReadonlySet<string>;
  /** Largest number of elements of a tile; those of one state are equal but for the last. */
  readonly tileSize: number;
}

/**
 * Splits the element-wise tails of a step - the optimiser's dozen passes over every parameter - into tiles that stay in
 * the processor's cache from the first pass to the last: each tile is read from memory once and written once. Tiles are
 * graph inputs and outputs of their own that share the state's memory. What the rest of the step reads of a state it
 * still reads whole, and it does so before any tile is written, because the writing operations depend on it just as they
 * did untiled.
 */
export function tileUpdates({ graph, outputs, inPlace, tileSize }: TileOptions): TiledUpdates {
  const tailed = Object.entries(outputs).filter(
    ([key, value]) =>
      key.startsWith("state/") && inPlace.has(key.slice(6)) && sizeOf(value.shape) > tileSize,
  );
  const region = tailRegion(outputs, new Set(tailed.map(([, value]) => value.id)));
  const tiles = new Map<string, StateTile>();
  const result: Record<string, Value> = {};
  const tailedKeys = new Set(tailed.map(([key]) => key));
  const tileInputs = new Map<string, Value>();
  const pickedRows = new Map<string, Value>();
  /** The numbers of rows `first` to `last`: onnxruntime gathers them on all threads, where it slices on one. */
  const picked = (first: number, last: number): Value => {
    const key = `${first} ${last}`;
    const numbers = Int32Array.from({ length: last - first }, (_, index) => first + index);
    const rows = pickedRows.get(key) ?? graph.constant(numbers, [last - first]);
    pickedRows.set(key, rows);
    return rows;
  };
  for (const [key, value] of Object.entries(outputs)) {
    const writer = value.source.kind === "node" ? value.source.node : undefined;
    if (!tailedKeys.has(key) || !writer || !region.has(writer)) {
      result[key] = value;
      continue;
    }
    const size = sizeOf(value.shape);
    const length = tileLength(value.shape, tileSize);
    for (let begin = 0; begin < size; begin += length) {
      const end = Math.min(begin + length, size);
      result[`${key}#${begin}`] = tile(value, begin, end, new Map());
      tiles.set(`${key}#${begin}`, { name: key.slice(6), begin, end });
    }
  }

  /** Elements begin to end of a full tensor; scalars stay what they are. */
  function tile(value: Value, begin: number, end: number, done: Map<number, Value>): Value {
    const { source } = value;
    if (sizeOf(value.shape) === 1) return value;
    if (source.kind === "splat") return graph.splat(source.value, [], value.type);
    const known = done.get(value.id);
    if (known) return known;
    const made = makeTile(value, begin, end, done);
    done.set(value.id, made);
    return made;
  }

  function makeTile(value: Value, begin: number, end: number, done: Map<number, Value>): Value {
    const { source } = value;
    if (
      source.kind === "input" &&
      source.name.startsWith("state/") &&
      inPlace.has(source.name.slice(6))
    ) {
      const name = `${source.name}#${begin}`;
      const input = tileInputs.get(name) ?? graph.input(name, [end - begin], value.type);
      tileInputs.set(name, input);
      tiles.set(name, { name: source.name.slice(6), begin, end });
      return input;
    }
    if (source.kind === "node" && region.has(source.node)) {
      const operands = source.node.inputs.map(
        (operand) => operand && tile(operand, begin, end, done),
      );
      return graph.one(
        source.node.operation,
        operands,
        [end - begin],
        value.type,
        source.node.attributes,
      );
    }
    const size = sizeOf(value.shape);
    const flat = (whole: Value, length: number): Value => {
      const shape = graph.constant(integers([length]), [1]);
      return graph.one("Reshape", [whole, shape], [length], value.type);
    };
    const row = rowLength(value.shape);
    if (row > 1 && begin % row === 0 && end % row === 0) {
      const rows = picked(begin / row, end / row);
      const shape = [(end - begin) / row, ...value.shape.slice(1)];
      return flat(graph.one("Gather", [value, rows], shape, value.type, { axis: 0 }), end - begin);
    }
    const bounds = [begin, end, 0].map((bound) => graph.constant(integers([bound]), [1]));
    const whole = value.shape.length === 1 ? value : flat(value, size);
    return graph.one("Slice", [whole, ...bounds], [end - begin], value.type);
  }

  return { outputs: result, tiles };
}

/** Elements of an entry of the first axis. */
const rowLength = (shape: readonly number[]): number => sizeOf(shape.slice(1));

/** Elements of a tile where a tensor is cut into the fewest equal ones, of whole rows if a row fits. */
function tileLength(shape: readonly number[], tileSize: number): number {
  const row = rowLength(shape);
  const unit = row <= tileSize ? row : 1;
  const size = sizeOf(shape);
  const tiles = Math.ceil(size / (unit * Math.floor(tileSize / unit)));
  return unit * Math.ceil(size / unit / tiles);
}

/** Element-wise nodes that nothing but tiled states and other such nodes read. */
function tailRegion(
  outputs: Readonly<Record<string, Value>>,
  tailed: ReadonlySet<number>,
): Set<Node> {
  const nodes = reachable(Object.values(outputs));
  const returned = new Set(Object.values(outputs).map(({ id }) => id));
  const readers = readersOf(nodes);
  const region = new Set<Node>();
  // every reader of a node comes after it, so going backwards sees readers first
  for (const node of nodes.toReversed()) {
    const [output] = node.outputs;
    if (
      !output ||
      node.outputs.length > 1 ||
      node.domain !== "" ||
      !ELEMENTWISE.has(node.operation)
    )
      continue;
    const fits = node.inputs.every(
      (operand) =>
        operand && (sizeOf(operand.shape) === 1 || operand.shape.join() === output.shape.join()),
    );
    const kept = returned.has(output.id) ? tailed.has(output.id) : true;
    const read = readers.get(output.id) ?? [];
    const onlyTails = read.every(
      (reader) => region.has(reader) && reader.outputs[0]?.shape.join() === output.shape.join(),
    );
    if (
      fits &&
      kept &&
      onlyTails &&
      sizeOf(output.shape) > 1 &&
      (read.length > 0 || tailed.has(output.id))
    )
      region.add(node);
  }
  return region;
}
