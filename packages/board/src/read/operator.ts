import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { openSafetensors, type SafetensorsFile } from "@ligo/checkpoint";
import { OPERATOR_NAME } from "@ligo/sdk/models";

/** Sources of the layers of a stack: weights [new layers, old layers]. */
export interface StackDepth {
  /** The part of the parameters' names before the layer: `bert.encoder.layer`. */
  readonly stack: string;
  /** Mean over the parameters of a layer. */
  readonly mean: readonly (readonly number[])[];
  /** The same of every parameter, by the part of its name behind the layer. */
  readonly parameters: readonly {
    readonly name: string;
    readonly weights: readonly (readonly number[])[];
  }[];
}

/** Making of the units of a space: rows of its width maps [new units, old units]. */
export interface SpaceWidth {
  readonly space: string;
  readonly newUnits: number;
  readonly oldUnits: number;
  /** Maps that are summed up: one, or one a layer. */
  readonly maps: number;
  /** Norm of every row, a mean over the maps. */
  readonly norms: readonly number[];
  /** Rows that copy one old unit, on most of the maps. */
  readonly isCopy: readonly boolean[];
  /** Rows of all maps that copy one old unit, that mix several, and that are zero. */
  readonly copies: number;
  readonly mixtures: number;
  readonly zeros: number;
}

/** The contents of an operator that a person can look at. */
export interface OperatorView {
  readonly depth: readonly StackDepth[];
  readonly width: readonly SpaceWidth[];
  /** Width maps that were not read, as all of them together are too large. */
  readonly unread: number;
}

/** Bytes of width maps that are read. */
const MOST = 2 ** 27;
/** A row is a copy where one entry holds all but this share of its norm. */
const NEARLY = 1e-3;

/** Reads the first term of the operator in a folder; `undefined` where there is none that can be read. */
export async function readOperator(folder: string): Promise<OperatorView | undefined> {
  const path = join(folder, OPERATOR_NAME);
  try {
    if (!(await lstat(path)).isFile()) return undefined;
    const file = await openSafetensors(path);
    try {
      return await viewOf(file);
    } finally {
      await file.close();
    }
  } catch {
    // half a file of a run that was killed, or one of another kind
    return undefined;
  }
}

async function viewOf(file: SafetensorsFile): Promise<OperatorView> {
  const names = [...file.tensors.keys()].toSorted();
  const maps = new Map<string, string[]>();
  const depth = new Map<string, StackDepth["parameters"][number][]>();
  let [bytes, unread] = [0, 0];
  for (const name of names) {
    const shape = file.tensors.get(name)?.shape ?? [];
    const [rows = 0, columns = 0] = shape;
    const [, space] = /^width\.(.+?)(?:\.\d+)?$/u.exec(name) ?? [];
    if (space !== undefined) {
      bytes += 4 * rows * columns;
      if (bytes > MOST) unread += 1;
      else maps.set(space, [...(maps.get(space) ?? []), name]);
    }
    const [, stack, parameter] = /^depth\.(.+)\.\{i\}\.(.+)$/u.exec(name) ?? [];
    if (stack === undefined || parameter === undefined || shape.length !== 2) continue;
    const values = await file.read(name);
    const weights = Array.from({ length: rows }, (_, row) => [
      ...values.subarray(row * columns, (row + 1) * columns),
    ]);
    depth.set(stack, [...(depth.get(stack) ?? []), { name: parameter, weights }]);
  }
  const width: SpaceWidth[] = [];
  for (const [space, tensors] of maps) width.push(await widthOf(file, space, tensors));
  return {
    depth: [...depth].map(([stack, parameters]) => ({
      stack,
      mean: meanOf(parameters),
      parameters,
    })),
    width,
    unread,
  };
}

function meanOf(parameters: StackDepth["parameters"]): readonly (readonly number[])[] {
  const [first] = parameters;
  return (first?.weights ?? []).map((row, i) =>
    row.map(
      (_, j) =>
        parameters.reduce((sum, { weights }) => sum + (weights[i]?.[j] ?? 0), 0) /
        parameters.length,
    ),
  );
}

async function widthOf(
  file: SafetensorsFile,
  space: string,
  tensors: readonly string[],
): Promise<SpaceWidth> {
  const [newUnits = 0, oldUnits = 0] = file.tensors.get(tensors[0] ?? "")?.shape ?? [];
  const norms = new Float64Array(newUnits);
  const copied = new Uint32Array(newUnits);
  let [copies, zeros] = [0, 0];
  for (const name of tensors) {
    const values = await file.read(name);
    for (let row = 0; row < newUnits; row += 1) {
      let [squares, most] = [0, 0];
      for (let column = 0; column < oldUnits; column += 1) {
        const square = Number(values[row * oldUnits + column]) ** 2;
        squares += square;
        if (square > most) most = square;
      }
      norms[row] = (norms[row] ?? 0) + Math.sqrt(squares) / tensors.length;
      if (squares === 0) zeros += 1;
      else if (squares - most <= NEARLY * squares) {
        copies += 1;
        copied[row] = (copied[row] ?? 0) + 1;
      }
    }
  }
  return {
    space,
    newUnits,
    oldUnits,
    maps: tensors.length,
    norms: [...norms],
    isCopy: [...copied].map((count) => 2 * count > tensors.length),
    copies,
    zeros,
    mixtures: tensors.length * newUnits - copies - zeros,
  };
}
