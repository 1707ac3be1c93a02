import { headCount } from "../layout/layout-names.js";
import type { Factor } from "../layout/layout.js";
import type { PlannedSpace } from "../plan/planned-spaces.js";
import { meetingOf, type Meeting } from "./attention-meeting.js";
import type { ForwardRows } from "./forward-rows.js";
import { reweighted, weightAt, type PickedRows } from "./picked-rows.js";

/**
 * The map R of gradients of a space's vectors: where x' = B x and the function is kept, dL/dx' = R dL/dx, and R^T B = 1. It is
 * the map of what reads the space. Attention reads some spaces without a parameter:
 * - queries meet keys, so each is read by what writes the other, times the share that the head is read with;
 * - values are read through what carries them, once for every query head of the group;
 * - norms of heads undo the size of what they are given.
 */
export async function readingRows(
  name: string,
  layer: number | undefined,
  forward: ForwardRows,
): Promise<PickedRows> {
  const space = forward.spaces.get(name);
  if (space === undefined || space.isRead) return forward.rows(name, "read", layer);
  const readers = readersBeside(space, forward);
  const carrier = readers.find(({ space: { carries } }) => carries === name);
  if (carrier !== undefined) return carriedRows(space, carrier, layer, forward);
  const meeting = meetingOf(space, forward.spaces);
  const write = await forward.rows(name, "width", layer);
  if (meeting === undefined) return evenRows(write);
  if (meeting.isGain) {
    // every head has its part in the gains of a norm of heads, and the parts sum to 1
    const other = await forward.rows(meeting.partner.name, "width", layer);
    return reweighted(write, (row, unit) => meeting.ratio * weightAt(other, row, unit));
  }
  const shares = await headShares(meeting, readers, layer, forward);
  return shares === undefined ? evenRows(write) : metRows(write, meeting, shares, layer, forward);
}

/** The spaces of the same stack that parameters read. */
function readersBeside({ stack }: PlannedSpace, { spaces }: ForwardRows): readonly PlannedSpace[] {
  return [...spaces.values()].filter((one) => one.isRead && one.stack === stack);
}

/** Each copy of a unit has the same part in what reads it. */
function evenRows(write: PickedRows): PickedRows {
  const copies = new Float64Array(write.columns);
  for (const column of write.column) if (column >= 0) copies[column] = (copies[column] ?? 0) + 1;
  return reweighted(write, (_row, unit, weight) => 1 / (weight * (copies[unit] ?? 1)));
}

/** Heads, and channels of each, before and after. */
interface Heads {
  readonly old: number;
  readonly now: number;
  readonly oldSize: number;
  readonly newSize: number;
}

function headsOf({ newSize, oldFactors = [], oldSize, space }: PlannedSpace): Heads {
  const [old, now] = [headCount({ factors: oldFactors }), headCount(space)];
  return { old, now, oldSize: oldSize / old, newSize: newSize / now };
}

/** Values: the sum over the new heads of a group of what these are read with, the mean over the old ones. */
async function carriedRows(
  value: PlannedSpace,
  carrier: PlannedSpace,
  layer: number | undefined,
  forward: ForwardRows,
): Promise<PickedRows> {
  const [own, all] = [headsOf(value), headsOf(carrier)];
  const [group, oldGroup] = [all.now / own.now, all.old / own.old];
  const read = await forward.rows(carrier.name, "read", layer);
  return reweighted(await forward.rows(value.name, "width", layer), (row, column) => {
    const [head, channel] = [Math.floor(row / own.newSize), row % own.newSize];
    const [oldHead, oldChannel] = [Math.floor(column / own.oldSize), column % own.oldSize];
    let sum = 0;
    for (let member = head * group; member < (head + 1) * group; member++) {
      const at = member * all.newSize + channel;
      const unit = read.column[at] as number;
      const isOfGroup = Math.floor(unit / all.oldSize / oldGroup) === oldHead;
      if (isOfGroup && unit % all.oldSize === oldChannel) sum += read.weight[at] as number;
    }
    return sum / oldGroup;
  });
}

/** Queries and keys: what writes the other one, times the shares of the heads that meet. */
async function metRows(
  write: PickedRows,
  { gains, isQuery, key, query, ratio }: Meeting,
  shares: Float64Array,
  layer: number | undefined,
  forward: ForwardRows,
): Promise<PickedRows> {
  const [asking, asked] = [headsOf(query), headsOf(key)];
  const own = isQuery ? asking : asked;
  const [group, oldGroup] = [asking.now / asked.now, asking.old / asked.old];
  const partner = await forward.rows((isQuery ? key : query).name, "width", layer);
  const normed = await Promise.all(
    (gains ?? []).map(({ name }) => forward.rows(name, "width", layer)),
  );
  return reweighted(write, (row, column, weight) => {
    const [head, channel] = [Math.floor(row / own.newSize), row % own.newSize];
    const old = column % own.oldSize;
    const members = isQuery
      ? [head]
      : Array.from({ length: group }, (_, one) => head * group + one);
    const meets = (member: number): number => {
      if (normed.length > 0)
        return normed.reduce((all, one) => all * weightAt(one, channel, old), 1 / weight);
      const at = (isQuery ? Math.floor(member / group) : member) * own.newSize + channel;
      const unit = partner.column[at] as number;
      return unit >= 0 && unit % own.oldSize === old ? (partner.weight[at] as number) : 0;
    };
    const sum = members.reduce((all, one) => all + (shares[one] ?? 0) * meets(one), 0);
    return (ratio * sum) / (isQuery ? 1 : oldGroup);
  });
}

/**
 * The share that each head of queries is read with: that of its scores where a parameter reads these, else of its outputs, the mean
 * over their channels. `undefined` where nothing with these heads is read.
 */
async function headShares(
  { query }: Meeting,
  readers: readonly PlannedSpace[],
  layer: number | undefined,
  forward: ForwardRows,
): Promise<Float64Array | undefined> {
  const heads = names(query.space.factors?.slice(0, -1));
  const reader =
    readers.find(({ space: { factors } }) => names(factors) === heads) ??
    readers.find(({ space: { factors } }) => names(factors?.slice(0, -1)) === heads);
  if (heads === "" || reader === undefined) return undefined;
  const { now, old } = headsOf(query);
  const [size, oldSize] = [reader.newSize / now, reader.oldSize / old];
  const { weight } = await forward.rows(reader.name, "read", layer);
  return Float64Array.from(
    { length: now },
    (_, head) =>
      weight.subarray(head * size, (head + 1) * size).reduce((sum, one) => sum + one, 0) / oldSize,
  );
}

const names = (factors: readonly Factor[] = []): string =>
  factors.map(({ name }) => name).join(" ");
