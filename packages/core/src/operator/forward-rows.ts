import { headCount } from "../layout/layout-names.js";
import { plannedSpaces, type PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";
import { carriedSpread, spreadMap } from "./carried-spread.js";
import type { OperatorNames } from "./expressions.js";
import type { GivenNumbers } from "./given-numbers.js";
import type { WidthMap } from "./map-rows.js";
import { mapName, type Side } from "./operator-tensors.js";
import { identityRows, pickedRows, reweighted, type PickedRows } from "./picked-rows.js";

/** The maps of an operator's first term as rows that pick one old unit, or none. */
export interface ForwardRows {
  readonly spaces: ReadonlyMap<string, PlannedSpace>;
  /** Rows of a side of a space; those that `width` has where the operator has no others. */
  rows(space: string, side: Side, layer: number | undefined): Promise<PickedRows>;
}

/** @param map reads maps of the operator */
export function forwardRows(
  plan: Plan,
  operator: OperatorNames,
  map: GivenNumbers["map"],
): ForwardRows {
  const spaces = plannedSpaces(plan);
  const made = new Map<string, Promise<PickedRows>>();

  async function stored(
    space: string,
    side: Side,
    layer: number | undefined,
  ): Promise<WidthMap | undefined> {
    const [own, width] = [mapName(0, side, space, layer), mapName(0, "width", space, layer)];
    return map(operator.has(own) ? own : width, "axis");
  }

  /** Vectors of a space that carries another one: heads stand where they are read, channels where the other's do. */
  async function carried(
    { name, space }: PlannedSpace,
    value: string,
    layer: number | undefined,
  ): Promise<PickedRows> {
    const read = await known(name, "read", layer);
    const write = await known(value, "width", layer);
    const heads = headCount(space);
    const [size, oldSize] = [read.rows / heads, lastFactor(plan, name)];
    const owners = write.rows / size;
    return reweighted(read, (row, unit) => {
      const owner = Math.floor((row / size) * (owners / heads));
      const at = owner * size + (row % size);
      return (write.column[at] as number) % oldSize === unit % oldSize
        ? (write.weight[at] as number)
        : 0;
    });
  }

  async function make(name: string, side: Side, layer: number | undefined): Promise<PickedRows> {
    const found = await stored(name, side, layer);
    if (found !== undefined) return pickedRows(found);
    const space = spaces.get(name);
    const { carries } = space?.space ?? {};
    if (space === undefined || carries === undefined) return identityRows(space?.newSize ?? 0);
    if (side !== "read") return carried(space, carries, layer);
    const value = await stored(carries, side, layer);
    const { [name]: before } = plan.source.spaces;
    if (value === undefined || before === undefined) return identityRows(space.newSize);
    const spread = carriedSpread(before, space.space);
    return pickedRows(spread === undefined ? value : spreadMap(value, spread));
  }

  function known(name: string, side: Side, layer: number | undefined): Promise<PickedRows> {
    const key = `${side} ${name} ${layer ?? ""}`;
    const rows = made.get(key) ?? make(name, side, layer);
    made.set(key, rows);
    return rows;
  }
  return { spaces, rows: known };
}

/** Channels of a head in the source. */
function lastFactor({ source }: Plan, space: string): number {
  const { factors = [], size = 1 } = source.spaces[space] ?? {};
  return factors.at(-1)?.size ?? size;
}
