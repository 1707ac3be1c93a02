import {
  entriesFrom,
  entryOrigins,
  ORIGIN,
  type TensorOrigins,
} from "../operator/entry-origins.js";
import { operatorNames } from "../operator/expressions.js";
import { gradientMaps, type MomentOrder } from "../operator/gradient-maps.js";
import type { Operator } from "../operator/operator.js";
import type { StoredOperator } from "../operator/stored-operator.js";
import type { Plan } from "../plan/plan.js";
import type { RowGrowth } from "../plan/row-growth.js";
import { operatorMaps } from "./operator-maps.js";
import { readInterleaved } from "./read-interleaved.js";
import type { ReadSource } from "./read-source.js";
import { createTensorGrower, type ApplyOptions, type Grower } from "./tensor-grower.js";

/** The origins of a grown model's entries, of an operator in memory or in a file; see {@link entryOrigins}. */
export async function grownOrigins(
  plan: Plan,
  operator: Operator | StoredOperator,
  growths: readonly RowGrowth[] = [],
): Promise<readonly TensorOrigins[]> {
  const maps = operatorMaps(operator);
  try {
    return await entryOrigins(plan, operatorNames(operator), maps.get, growths);
  } finally {
    maps.release();
  }
}

/**
 * Prepares the growing of an optimiser's moments, tensor by tensor; see {@link gradientMaps}. All entries that copy no entry of the
 * source alone are zero.
 *
 * @param stored reads moments of the source; those of tables with the rows of the target
 * @returns `undefined` where no entry has one
 */
export async function createMomentGrower(
  plan: Plan,
  operator: Operator | StoredOperator,
  order: MomentOrder,
  stored: ReadSource,
  options: ApplyOptions = {},
): Promise<Grower | undefined> {
  const maps = operatorMaps(operator);
  const found = gradientMaps(plan, operatorNames(operator), maps.get, order);
  if (found === undefined) return undefined;
  const grower = createTensorGrower({
    ...options,
    plan,
    expressionOf: found.expressionFor,
    maps: { get: found.map, prepare: async () => undefined, release: maps.release },
    read: readInterleaved(plan, stored),
    drawn: {},
    finish: async () => undefined,
  });
  return operator.terms === 1 ? grower : alone(grower, await grownOrigins(plan, operator));
}

/** The same without entries that further terms reach too. */
function alone(grower: Grower, all: readonly TensorOrigins[]): Grower {
  const origins = new Map(all.map((one) => [one.name, one]));
  return {
    async grow(name, into, _rows, next) {
      const data = await grower.grow(name, into, undefined, next);
      const copies = entriesFrom(origins.get(name) ?? { shape: [data.length] }, ORIGIN.copy);
      for (const [index, isCopy] of copies.entries()) if (isCopy === 0) data[index] = 0;
      return data;
    },
    parts: (name) => [{ begin: 0, end: origins.get(name)?.shape[0] ?? 1 }],
  };
}
