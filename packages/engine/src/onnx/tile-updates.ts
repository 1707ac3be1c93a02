import { sizeOf, type Graph, type Value } from "../trace/graph.js";
import { tailRegion } from "./tail-region.js";
import { createTileCutter, isStateIn, rowLength, type StateTile } from "./tile-cutter.js";

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
  const tailed = new Map(
    Object.entries(outputs).filter(
      ([key, value]) => isStateIn(key, inPlace) && sizeOf(value.shape) > tileSize,
    ),
  );
  const region = tailRegion(outputs, new Set([...tailed.values()].map(({ id }) => id)));
  const cutter = createTileCutter({ graph, inPlace, region });
  const tiles = new Map<string, StateTile>();
  const result: Record<string, Value> = {};
  for (const [key, value] of Object.entries(outputs)) {
    const writer = value.source.kind === "node" ? value.source.node : undefined;
    if (!tailed.has(key) || !writer || !region.has(writer)) {
      result[key] = value;
      continue;
    }
    const size = sizeOf(value.shape);
    const length = tileLength(value.shape, tileSize);
    for (let begin = 0; begin < size; begin += length) {
      const end = Math.min(begin + length, size);
      result[`${key}#${begin}`] = cutter.cut(value, begin, end);
      tiles.set(`${key}#${begin}`, { name: key.slice("state/".length), begin, end });
    }
  }
  return { outputs: result, tiles: new Map([...cutter.inputTiles, ...tiles]) };
}

/** Elements of a tile where a tensor is cut into the fewest equal ones, of whole rows if a row fits. */
function tileLength(shape: readonly number[], tileSize: number): number {
  const row = rowLength(shape);
  const unit = row <= tileSize ? row : 1;
  const size = sizeOf(shape);
  const tiles = Math.ceil(size / (unit * Math.floor(tileSize / unit)));
  return unit * Math.ceil(size / unit / tiles);
}
