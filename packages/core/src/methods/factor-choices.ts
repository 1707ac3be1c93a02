import type { Factor, Layout, Space } from "../layout/layout.js";
import type { Matrix } from "../operator/operator.js";

/** Old units that each new unit of a factor is made of, as the map of one space has it. */
type Choice = readonly ReadonlySet<number>[];

/** A space whose map an operator holds. */
interface MappedSpace {
  readonly name: string;
  readonly before: Space;
  readonly after: Space;
  readonly map: Matrix;
}

/**
 * The factors that the maps of an operator choose in different ways for spaces that have to agree: heads of queries, keys and
 * values, and the channels of queries and keys, which meet one by one. Maps that mix units say nothing.
 *
 * @param tensors of the operator
 */
export function inconsistentFactors(
  source: Layout,
  target: Layout,
  tensors: ReadonlyMap<string, Matrix>,
): readonly string[] {
  const spaces = mappedSpaces(source, target, tensors);
  const names = new Set(
    spaces.flatMap(({ after }) => (after.factors ?? []).map(({ name }) => name)),
  );
  return [...names].flatMap((factor) => {
    const users = spaces.filter(({ after }) => after.factors?.some(({ name }) => name === factor));
    const [first, ...others] = users.filter((one) => isHead(one, factor) || meets(one, users));
    if (first === undefined) return [];
    const known = choiceOf(first, factor);
    const other = others.find((one) => !agree(known, choiceOf(one, factor)));
    if (other === undefined) return [];
    return [
      `${factor}: the maps of ${first.name} and ${other.name} take its units from different old ones, though they belong together`,
    ];
  });
}

function mappedSpaces(
  source: Layout,
  target: Layout,
  tensors: ReadonlyMap<string, Matrix>,
): readonly MappedSpace[] {
  return Object.entries(target.spaces).flatMap(([name, after]) => {
    const before = source.spaces[name];
    const map = [`width.${name}`, `width.${name}.0`, `read.${name}`, `read.${name}.0`]
      .map((tensor) => tensors.get(tensor))
      .find((found) => found !== undefined);
    const isProduct =
      after.factors !== undefined && before?.factors?.length === after.factors.length;
    if (before === undefined || map === undefined || !isProduct || !isSelection(map)) return [];
    return [{ name, before, after, map }];
  });
}

/** Whether no row of a map mixes units. */
function isSelection({ rows, columns, data }: Matrix): boolean {
  for (let row = 0; row < rows; row++) {
    const set = data.subarray(row * columns, (row + 1) * columns).filter((value) => value !== 0);
    if (set.length > 1) return false;
  }
  return true;
}

/** Whether a factor counts heads in a space: it is not the last of several. */
const isHead = ({ after: { factors = [] } }: MappedSpace, factor: string): boolean =>
  factors.length > 1 && factors.at(-1)?.name !== factor;

/** Whether a space meets another one in an inner product. */
const meets = ({ after, name }: MappedSpace, others: readonly MappedSpace[]): boolean =>
  others.some((other) => other.name === after.pairing?.with || other.after.pairing?.with === name);

function choiceOf({ before, after, map }: MappedSpace, factor: string): Choice {
  const [old, now] = [before.factors ?? [], after.factors ?? []];
  const index = now.findIndex(({ name }) => name === factor);
  const choice = Array.from({ length: now[index]?.size ?? 0 }, () => new Set<number>());
  for (let row = 0; row < map.rows; row++) {
    const numbers = map.data.subarray(row * map.columns, (row + 1) * map.columns);
    const column = numbers.findIndex((value) => value !== 0);
    if (column >= 0) choice[unitOf(now, index, row)]?.add(unitOf(old, index, column));
  }
  return choice;
}

/** The unit of one factor that a unit of their product belongs to. */
function unitOf(factors: readonly Factor[], index: number, unit: number): number {
  const inner = factors.slice(index + 1).reduce((size, one) => size * one.size, 1);
  return Math.floor(unit / inner) % (factors[index]?.size ?? 1);
}

/** Whether two choices are equal, where both say something. A group's units are chosen owner by owner, in any number. */
const agree = (one: Choice, other: Choice): boolean =>
  one.every((units, index) => {
    const others = other[index] ?? new Set();
    return units.size === 0 || others.size === 0 || [...units].some((unit) => others.has(unit));
  });
