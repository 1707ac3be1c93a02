import type { Plan } from "../plan/plan.js";
import { learnableTensors, type LearnableTensor, type OperatorPart } from "./learnable.js";
import type { Matrix, Operator } from "./operator.js";

/** Whether an operator tensor, by its name, mixes layers or kinds: all others are maps. */
export const isMixture = (name: string): boolean =>
  /^(?:term\.\d+\.)?(?:depth|kinds)\./u.test(name);

/** Whether a map is [I; C]. */
export function hasIdentityBlock({ rows, columns, data }: Matrix): boolean {
  if (rows < columns) return false;
  for (let index = 0; index < columns * columns; index++) {
    if (data[index] !== Number(index % (columns + 1) === 0)) return false;
  }
  return true;
}

/**
 * The rows of an operator that are learned: maps that start as [I; C] keep their identity, unless reading maps are learned too that
 * share copies. Where new units start afresh, the old ones stay what they are.
 */
export function learnableRows(
  plan: Plan,
  operator: Operator,
  learn: OperatorPart = "all",
): ReadonlyMap<string, LearnableTensor> {
  // an operator may have maps of its sides for some spaces only
  const spacesOf = (side: RegExp): ReadonlySet<string> =>
    new Set([...operator.tensors.keys()].flatMap((name) => side.exec(name)?.[1] ?? []));
  const read = spacesOf(/^(?:term\.\d+\.)?read\.([^.]+)/u);
  const maps = [...operator.tensors].filter(([name]) => !isMixture(name));
  const isFresh = operator.fresh?.places !== undefined;
  const keeps = (read.size === 0 || isFresh) && operator.widthScope !== "source-layer";
  const blocks = maps.filter(([, map]) => keeps && hasIdentityBlock(map)).map(([name]) => name);
  const all = learnableTensors(plan, operator, {
    separateRead: read,
    separateElem: spacesOf(/^(?:term\.\d+\.)?elem\.([^.]+)/u),
    carried: true,
    identityBlock: new Set(blocks),
    terms: operator.terms,
    outsideStacks: true,
    learn,
  });
  // coefficients of parameters outside stacks are there or not, each by itself
  return new Map([...all].filter(([name]) => operator.tensors.has(name)));
}
