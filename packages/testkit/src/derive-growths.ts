import type { Architecture, Layout, RawConfig } from "@ligo/core";
import { followingKeys } from "@ligo/core/layout";
import { layOut } from "./models.js";

/** A growth that follows from a layout: the keys of the config that change, and what of the layout grows with them. */
export interface DerivedGrowth {
  /** `channel x 2`, `mlp + 1`, `everything x 1.5`. */
  readonly name: string;
  readonly keys: RawConfig;
  /** Factors, spaces and stacks that become larger. */
  readonly grown: readonly string[];
}

/** Sizes of a layout: of every factor, of every growing space that is no product, of every stack. */
type LayoutSizes = ReadonlyMap<string, number>;

function layoutSizes({ spaces, stacks }: Layout): LayoutSizes {
  const sizes = new Map<string, number>();
  for (const [name, { factors, grows, size }] of Object.entries(spaces)) {
    if (!grows) continue;
    for (const factor of factors ?? []) sizes.set(factor.name, factor.size);
    if (factors === undefined) sizes.set(name, size);
  }
  for (const [name, { layers }] of Object.entries(stacks)) sizes.set(`layers of ${name}`, layers);
  return sizes;
}

/** What a config key multiplies to, or `undefined` where that is no whole number. */
type Change = (value: number) => number | undefined;

const whole = (value: number): number | undefined => (Number.isInteger(value) ? value : undefined);
const ways: Readonly<Record<string, Change>> = {
  "x 2": (value) => 2 * value,
  "x 1.5": (value) => whole(1.5 * value),
  "+ 1": (value) => value + 1,
};

/** Growths by other keys of a config, with the sizes they lead to. */
interface Candidate {
  readonly keys: RawConfig;
  readonly sizes: LayoutSizes;
}

/**
 * The growths of an architecture from one config, found by changing the keys its sizes come from: each factor, space and stack
 * alone (or with as few others as the config allows), to twice and to one and a half times, or to one more where that is no
 * whole number, and everything at once; and smaller groups of query heads, where there are groups.
 */
export function deriveGrowths(
  architecture: Architecture,
  raw: RawConfig,
): readonly DerivedGrowth[] {
  const before = layOut(architecture, raw);
  const sizes = layoutSizes(before.layout);
  const keys = sizeKeys(architecture, before.config, raw);
  const within = new Set(
    Object.values(before.layout.spaces).flatMap(({ factors = [] }) =>
      factors.filter((factor) => factor.within !== undefined).map(({ name }) => name),
    ),
  );
  const found = new Map<string, DerivedGrowth>();
  const odd = new Set<string>();
  for (const [way, change] of Object.entries(ways)) {
    const candidates = changedConfigs(architecture, raw, keys, change);
    const growing = candidates.filter((one) => shrunk(sizes, one.sizes).length === 0);
    for (const [name, size] of sizes) {
      if (way === "+ 1" && odd.has(name)) continue;
      const wanted = change(size);
      const best = fewest(
        sizes,
        growing.filter((one) => one.sizes.get(name) === wanted),
      );
      if (best === undefined) continue;
      if (way === "x 1.5") odd.add(name);
      add(found, `${name} ${way}`, sizes, best);
    }
    if (way === "+ 1") continue;
    const all = growing.toSorted((a, b) => grownIn(sizes, b.sizes) - grownIn(sizes, a.sizes))[0];
    if (all !== undefined) add(found, `everything ${way}`, sizes, all);
    const smaller = candidates.filter(({ sizes: now }) => {
      const less = shrunk(sizes, now);
      return less.length > 0 && less.every((name) => within.has(name));
    });
    const ungrouped = fewest(sizes, smaller);
    if (ungrouped !== undefined) add(found, `smaller groups ${way}`, sizes, ungrouped);
  }
  return [...found.values()];
}

/** Adds a growth unless its config is there under another name. */
function add(
  found: Map<string, DerivedGrowth>,
  name: string,
  before: LayoutSizes,
  { keys, sizes }: Candidate,
): void {
  const key = JSON.stringify(keys);
  const grown = [...sizes].filter(([one, size]) => size > (before.get(one) ?? 0));
  if (!found.has(key)) found.set(key, { name, keys, grown: grown.map(([one]) => one) });
}

const shrunk = (before: LayoutSizes, after: LayoutSizes): readonly string[] =>
  [...before].filter(([name, size]) => (after.get(name) ?? 0) < size).map(([name]) => name);

const grownIn = (before: LayoutSizes, after: LayoutSizes): number =>
  [...before].filter(([name, size]) => (after.get(name) ?? 0) > size).length;

/** The candidate that changes the fewest sizes. */
function fewest(before: LayoutSizes, candidates: readonly Candidate[]): Candidate | undefined {
  const changes = ({ sizes }: Candidate): number =>
    [...before].filter(([name, size]) => sizes.get(name) !== size).length;
  return candidates.toSorted((a, b) => changes(a) - changes(b))[0];
}

/** Values of the config's keys that sizes come from, and of no fixed size. */
function sizeKeys(
  architecture: Architecture,
  config: RawConfig,
  raw: RawConfig,
): ReadonlyMap<string, number> {
  const before = layOut(architecture, raw).layout;
  const numbers = Object.entries(config).filter(
    (entry): entry is [string, number] => Number.isInteger(entry[1]) && Number(entry[1]) > 0,
  );
  return new Map(
    numbers.filter(([key, value]) =>
      [2 * value, value + 1].some((now) => {
        const after = tryLayOut(architecture, {
          ...raw,
          ...followingKeys(architecture, raw, { [key]: now }),
          [key]: now,
        });
        return (
          after !== undefined &&
          fixedSizes(after) === fixedSizes(before) &&
          String([...layoutSizes(after)]) !== String([...layoutSizes(before)])
        );
      }),
    ),
  );
}

const fixedSizes = ({ spaces }: Layout): string =>
  JSON.stringify(
    Object.entries(spaces)
      .filter(([, { grows }]) => !grows)
      .map(([name, { size }]) => [name, size]),
  );

function tryLayOut(architecture: Architecture, raw: RawConfig): Layout | undefined {
  try {
    const { layout } = layOut(architecture, raw);
    return [...layoutSizes(layout).values()].every(Number.isInteger) ? layout : undefined;
  } catch {
    return undefined;
  }
}

/** Every choice of keys changed alike, all others as they are, that gives a layout. */
function changedConfigs(
  architecture: Architecture,
  raw: RawConfig,
  keys: ReadonlyMap<string, number>,
  change: Change,
): readonly Candidate[] {
  const entries = [...keys];
  return Array.from({ length: 2 ** entries.length - 1 }, (_, index) => index + 1).flatMap(
    (choice) => {
      const changed = entries.map(([key, value], bit): [string, number | undefined] => [
        key,
        Math.floor(choice / 2 ** bit) % 2 === 1 ? change(value) : value,
      ]);
      if (changed.some(([, value]) => value === undefined)) return [];
      const keyed: RawConfig = Object.fromEntries(changed);
      const own = { ...followingKeys(architecture, raw, keyed), ...keyed };
      const layout = tryLayOut(architecture, { ...raw, ...own });
      return layout === undefined ? [] : [{ keys: own, sizes: layoutSizes(layout) }];
    },
  );
}
