import type { Factor, Layout } from "../layout/layout.js";
import { lostHeads } from "../plan/choose-heads.js";
import { turnsOtherwise } from "../plan/choose-rotary.js";
import type { Plan } from "../plan/plan.js";

/** Heads: what no choice of copies keeps, whatever the method. */
export function headChanges({ source, target }: Plan): readonly string[] {
  return [...factorChanges(source, target), ...layerScales(source, target)];
}

/** The factors of two layouts that change in ways that no choice of units makes up for, each named once. */
export function factorChanges(before: Layout, after: Layout): readonly string[] {
  const [old, now] = [factorsOf(before), factorsOf(after)];
  return [...now].flatMap(([name, factor]) => {
    const was = old.get(name);
    return was === undefined ? [] : factorChange(was, factor);
  });
}

function factorsOf({ spaces }: Layout): ReadonlyMap<string, Factor> {
  return new Map(
    Object.values(spaces).flatMap(({ factors = [] }) => factors.map((one) => [one.name, one])),
  );
}

function factorChange(old: Factor, now: Factor): readonly string[] {
  const text = `${now.name}: ${old.size} becomes ${now.size}`;
  if (now.owns !== undefined) {
    const lost = lostHeads(old, now);
    const groups = `shared by ${old.owns ?? 1} and by ${now.owns} query heads`;
    if (lost === "keys and values")
      return [`${text}, and heads of keys and values that become one are averaged`];
    return lost === undefined
      ? []
      : [`${text}, ${groups}, and query heads that have no place beside their keys are averaged`];
  }
  if (now.within !== undefined) return [];
  if (turnsOtherwise(old, now))
    return [
      `${text}, and rotary embeddings turn some of its pairs at other speeds, as none of the new speeds is theirs`,
    ];
  return now.size < old.size ? [`${text}, and units that become one are averaged`] : [];
}

/** Scores that are divided by the number of their layer change where layers are added before or between others. */
function layerScales(before: Layout, after: Layout): readonly string[] {
  const grows = Object.entries(before.stacks).some(
    ([name, { layers }]) => (after.stacks[name]?.layers ?? layers) > layers,
  );
  if (!grows) return [];
  return Object.entries(after.spaces).flatMap(([name, { pairing }]) =>
    pairing?.byLayer === true
      ? [`${name}: scores are divided by the number of their layer, and layers move`]
      : [],
  );
}
