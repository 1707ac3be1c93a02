import { pythonNumber } from "./python-number.js";

/** How numbers of an object or a list were spelled, by key or index. */
export type Spelling = Record<string, string>;

/**
 * Key that an object carries the spelling of its numbers under: a spread takes it along, `JSON.stringify` and `Object.keys`
 * do not see it.
 */
const SPELLING: unique symbol = Symbol.for("ligo.spelling");

interface Spelled {
  readonly [SPELLING]?: Readonly<Spelling>;
}

/**
 * Lets an object or a list remember how its numbers were spelled, where they would be written in another way.
 *
 * @param listKey key that a list stands under, which its numbers are written by
 */
export function keepSpelling(holder: object, spelling: Readonly<Spelling>, listKey?: string): void {
  const values = holder as Readonly<Record<string, unknown>>;
  const unusual = Object.entries(spelling).filter(([key, spelled]) => {
    const value = Number(values[key]);
    return !Number.isFinite(value) || pythonNumber(value, listKey ?? key) !== spelled;
  });
  if (unusual.length === 0) return;
  const kept = Object.fromEntries(unusual);
  Object.defineProperty(holder, SPELLING, { value: kept, enumerable: true });
}

/** How a number of an object or a list was spelled; `undefined` where it is another number by now, or never was read. */
export function spellingOf(holder: object, key: string, value: number): string | undefined {
  const spelling = (holder as Spelled)[SPELLING];
  if (spelling === undefined || !Object.hasOwn(spelling, key)) return undefined;
  const spelled = spelling[key];
  return Object.is(Number(spelled), value) ? spelled : undefined;
}

/** Keys laid over each other, the later over the earlier, as a spread does it; numbers keep their spelling. */
export function layOver<T extends object>(...layers: readonly T[]): T {
  const spellings = layers.map((layer) => (layer as Spelled)[SPELLING] ?? {});
  const [merged, spelling] = [overlaid(layers), overlaid(spellings)];
  return Object.keys(spelling).length === 0 ? merged : { ...merged, [SPELLING]: spelling };
}

const overlaid = <T extends object>(layers: readonly T[]): T =>
  layers.reduce((below, above) => ({ ...below, ...above }));
