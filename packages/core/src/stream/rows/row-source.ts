import { axisSpaces, isOwned, parameterShape } from "../../layout/layout-names.js";
import type { Layout } from "../../layout/layout.js";
import { oldRow, type RowGrowth } from "../../plan/row-growth.js";
import { elementCount } from "../../shape.js";
import type { ReadSource } from "../read-source.js";
import { positionRows } from "./position-rows.js";
import { newTokenRows, type TokenTable } from "./token-rows.js";

/** A table of the source whose rows grow. */
interface GrownTable extends TokenTable {
  readonly growth: RowGrowth;
}

/**
 * Reads the tensors of a source as if its tables had the rows of the target: old rows as they are, in their new places, and new
 * ones as they start. All other tensors are the source's.
 *
 * @param layout the layout of the source as it is stored
 * @param read reads its tensors
 */
export function withGrownRows(
  layout: Layout,
  growths: readonly RowGrowth[],
  read: ReadSource,
): ReadSource {
  const readers = new Map(
    grownTables(layout, growths).map((table) => [
      table.name,
      table.growth.now.rows.of === "tokens" ? tokenReader(table, read) : wholeReader(table, read),
    ]),
  );
  return (name, into, start) => (readers.get(name) ?? read)(name, into, start);
}

/** The same of numbers that new rows have none of: there they are zero. */
export function withZeroRows(
  layout: Layout,
  growths: readonly RowGrowth[],
  read: ReadSource,
): ReadSource {
  const readers = new Map(
    grownTables(layout, growths).map((table) => {
      const none = new Float32Array(table.width);
      return [table.name, rowReader(table, async () => none, read)];
    }),
  );
  return (name, into, start) => (readers.get(name) ?? read)(name, into, start);
}

function grownTables(layout: Layout, growths: readonly RowGrowth[]): readonly GrownTable[] {
  return layout.parameters.filter(isOwned).flatMap((parameter) =>
    growths.flatMap((growth): readonly GrownTable[] => {
      const axis = parameter.axes.findIndex((one) => axisSpaces(one).includes(growth.space));
      if (axis < 0) return [];
      const shape = parameterShape(layout, parameter);
      if (elementCount(shape.slice(0, axis)) !== 1)
        throw new RangeError(`${parameter.name} does not begin with the rows of ${growth.space}.`);
      const width = elementCount(shape.slice(axis + 1));
      return [{ name: parameter.name, parameter, width, growth }];
    }),
  );
}

/** A table that is made whole, once. */
function wholeReader({ growth, name, width }: GrownTable, read: ReadSource): ReadSource {
  let made: Promise<Float32Array> | undefined;
  const make = async (): Promise<Float32Array> =>
    positionRows(await read(name, new Float32Array(growth.old.size * width), 0), growth);
  return async (_name, { length }, start) => {
    made ??= make();
    return (await made).subarray(start, start + length);
  };
}

/** A table of which rows are made as they are asked for: it may be larger than memory. */
function tokenReader(table: GrownTable, read: ReadSource): ReadSource {
  const { growth } = table;
  return rowReader(table, newTokenRows(table, growth, read), read);
}

/** Rows of the source in their new places, and others as they are given. */
function rowReader(
  { growth, name, width }: GrownTable,
  newRow: (row: number) => Promise<Float32Array>,
  read: ReadSource,
): ReadSource {
  const placeOf = (row: number): number => oldRow(growth, row);

  async function fill(into: Float32Array, first: number): Promise<void> {
    const count = into.length / width;
    for (let row = 0; row < count;) {
      const place = placeOf(first + row);
      let end = row + 1;
      if (place < 0) {
        into.set(await newRow(first + row), row * width);
      } else {
        while (end < count && placeOf(first + end) === place + end - row) end++;
        const part = into.subarray(row * width, end * width);
        const found = await read(name, part, place * width);
        if (found !== part) part.set(found);
      }
      row = end;
    }
  }

  return async (_name, into, start) => {
    const first = Math.floor(start / width);
    const rows = Math.ceil((start + into.length) / width) - first;
    if (rows * width === into.length) {
      await fill(into, first);
      return into;
    }
    const whole = new Float32Array(rows * width);
    await fill(whole, first);
    into.set(whole.subarray(start - first * width, start - first * width + into.length));
    return into;
  };
}
