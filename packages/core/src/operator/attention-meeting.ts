import type { PlannedSpace } from "../plan/planned-spaces.js";

/** Queries and keys of one attention, of which a space is a part. */
export interface Meeting {
  /** The spaces that are projected to. */
  readonly query: PlannedSpace;
  readonly key: PlannedSpace;
  /** The spaces of the gains of norms over heads, where what these make of both meets. */
  readonly gains?: readonly [PlannedSpace, PlannedSpace];
  /** Whether the space is on the side of queries. */
  readonly isQuery: boolean;
  /** Whether it is that of gains. */
  readonly isGain: boolean;
  /** The space that stands beside it on the other side. */
  readonly partner: PlannedSpace;
  /** Factor of the scores in the target over that in the source. */
  readonly ratio: number;
}

/** The meeting that a space has a part in; `undefined` where it has none. */
export function meetingOf(
  space: PlannedSpace,
  spaces: ReadonlyMap<string, PlannedSpace>,
): Meeting | undefined {
  for (const asking of spaces.values()) {
    const { oldPairing, space: own } = asking;
    const asked = spaces.get(own.pairing?.with ?? "");
    if (asked === undefined || own.pairing === undefined) continue;
    const projected = (of: PlannedSpace): PlannedSpace =>
      [...spaces.values()].find((one) => one.space.normedBy === of.name) ?? of;
    const [query, key] = [projected(asking), projected(asked)];
    const side = [asking, query].includes(space) ? 0 : [asked, key].includes(space) ? 1 : undefined;
    if (side === undefined) continue;
    const isGain = query !== asking && (space === asking || space === asked);
    const partners = isGain ? [asked, asking] : [key, query];
    return {
      query,
      key,
      ...(query === asking ? {} : { gains: [asking, asked] as const }),
      isQuery: side === 0,
      isGain,
      partner: partners[side] ?? key,
      ratio: own.pairing.scale / (oldPairing?.scale ?? own.pairing.scale),
    };
  }
  return undefined;
}
