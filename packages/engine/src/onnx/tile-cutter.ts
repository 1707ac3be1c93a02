import { integers } from "../trace/context.js";
import { sizeOf, type Graph, type Node, type Value } from "../trace/graph.js";

/** Part of a state tensor: elements `begin` to `end` of its flat array. */
export interface StateTile {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

/** Makes tiles of values, each tile once. */
export interface TileCutter {
  /** Tiles of states that were read, by the name of their input. */
  readonly inputTiles: ReadonlyMap<string, StateTile>;
  /** Elements `begin` to `end` of a full tensor; scalars stay what they are. */
  cut(value: Value, begin: number, end: number): Value;
}

export interface TileCutterOptions {
  readonly graph: Graph;
  /** States that are written in place: a tile of one is an input of its own. */
  readonly inPlace: ReadonlySet<string>;
  /** Element-wise nodes that are computed tile by tile; a tile of another node is cut out of its whole result. */
  readonly region: ReadonlySet<Node>;
}

export function createTileCutter({ graph, inPlace, region }: TileCutterOptions): TileCutter {
  const inputTiles = new Map<string, StateTile>();
  const inputs = new Map<string, Value>();
  const cutOut = createSlicer(graph);

  const stateTile = (name: string, { begin, end }: Bounds, type: Value["type"]): Value => {
    const tile = `${name}#${begin}`;
    const input = inputs.get(tile) ?? graph.input(tile, [end - begin], type);
    inputs.set(tile, input);
    inputTiles.set(tile, { name: name.slice("state/".length), begin, end });
    return input;
  };
  const makeTile = (value: Value, bounds: Bounds, done: Map<number, Value>): Value => {
    const { source, type } = value;
    if (source.kind === "input" && isStateIn(source.name, inPlace))
      return stateTile(source.name, bounds, type);
    if (source.kind !== "node" || !region.has(source.node)) return cutOut(value, bounds);
    const { operation, attributes, inputs: operands } = source.node;
    const tiles = operands.map((operand) => operand && tileOf(operand, bounds, done));
    return graph.one(operation, tiles, [bounds.end - bounds.begin], type, attributes);
  };
  const tileOf = (value: Value, bounds: Bounds, done: Map<number, Value>): Value => {
    const { source } = value;
    if (sizeOf(value.shape) === 1) return value;
    if (source.kind === "splat") return graph.splat(source.value, [], value.type);
    const known = done.get(value.id);
    if (known) return known;
    const made = makeTile(value, bounds, done);
    done.set(value.id, made);
    return made;
  };
  return { inputTiles, cut: (value, begin, end) => tileOf(value, { begin, end }, new Map()) };
}

/** Whether a key of the graph is that of one of some states. */
export function isStateIn(key: string, states: ReadonlySet<string>): boolean {
  return key.startsWith("state/") && states.has(key.slice("state/".length));
}

/** Elements of an entry of the first axis. */
export const rowLength = (shape: readonly number[]): number => sizeOf(shape.slice(1));

/** Elements `begin` to `end` of a flat array. */
type Bounds = Pick<StateTile, "begin" | "end">;

/** Cuts a tile out of a whole tensor: rows are gathered, which onnxruntime does on all threads where it slices on one. */
function createSlicer(graph: Graph): (value: Value, bounds: Bounds) => Value {
  const rowNumbers = new Map<string, Value>();
  /** The numbers of rows `first` to `last`. */
  const rows = (first: number, last: number): Value => {
    const key = `${first} ${last}`;
    const numbers = Int32Array.from({ length: last - first }, (_, index) => first + index);
    const found = rowNumbers.get(key) ?? graph.constant(numbers, [last - first]);
    rowNumbers.set(key, found);
    return found;
  };
  const flat = (whole: Value, length: number): Value => {
    const shape = graph.constant(integers([length]), [1]);
    return graph.one("Reshape", [whole, shape], [length], whole.type);
  };
  return (value, { begin, end }) => {
    const row = rowLength(value.shape);
    if (row > 1 && begin % row === 0 && end % row === 0) {
      const numbers = rows(begin / row, end / row);
      const shape = [(end - begin) / row, ...value.shape.slice(1)];
      const gathered = graph.one("Gather", [value, numbers], shape, value.type, { axis: 0 });
      return flat(gathered, end - begin);
    }
    const bounds = [begin, end, 0].map((bound) => graph.constant(integers([bound]), [1]));
    const whole = value.shape.length === 1 ? value : flat(value, sizeOf(value.shape));
    return graph.one("Slice", [whole, ...bounds], [end - begin], value.type);
  };
}
