import {
  elementCount,
  parameterCount,
  type Grower,
  type Layout,
  type Operator,
  type Plan,
  type ReadSource,
} from "@ligo/core";
import { countEntries, ORIGIN, type MomentOrder, type TensorOrigins } from "@ligo/core/operator";
import { createMomentGrower, withZeroRows, type RowGrowth } from "@ligo/core/stream";
import type { Context } from "../context.js";
import {
  momentName,
  type CarriedEntries,
  type MomentCounts,
  type MomentFacts,
  type ModelMoments,
  type OpenedMoments,
} from "../moments/moments.js";
import { checkMoments } from "../moments/check-moments.js";
import { unbiased } from "../moments/unbiased.js";
import { writeOptimizerFile } from "../moments/moments-file.js";
import type { Growth } from "./open-growth.js";
import type { OpenedOperator } from "./operator-file.js";

/** The moments of a grown model, made as they are asked for. */
export interface GrownMoments {
  readonly facts: MomentFacts;
  readonly counts: MomentCounts;
  make(order: MomentOrder, name: string): Promise<Float32Array>;
  readonly tensors: Plan["tensors"];
}

/** Grows the moments of a source. Throws `sdk/bad-moments` where they are not of its sizes. */
export async function growMoments(
  { plan, rows, source }: Pick<Growth, "plan" | "rows" | "source">,
  operator: Operator | OpenedOperator,
  origins: readonly TensorOrigins[],
  moments: OpenedMoments,
  { signal }: Pick<Context, "signal">,
): Promise<GrownMoments> {
  const layout = source.spec.layout;
  checkMoments(layout, moments);
  const growerOf = async (order: MomentOrder): Promise<Grower | undefined> =>
    createMomentGrower(plan, operator, order, momentSource(layout, rows, moments, order), {
      signal,
    });
  const growers = { first: await growerOf("first"), second: await growerOf("second") };
  const sizes = new Map(plan.tensors.map(({ name, shape }) => [name, elementCount(shape)]));
  const has = new Set(
    plan.tensors
      .filter(({ sources }) => sources.some((name) => moments.size(name) !== undefined))
      .map(({ name }) => name),
  );
  const carried = carriedEntries(origins.map((one) => (has.has(one.name) ? one : without(one))));
  const entries = origins
    .filter(({ name }) => has.has(name))
    .reduce((sum, one) => sum + countEntries(one, ORIGIN.copy), 0);
  const { beta1, beta2, optimizer, step } = moments;
  return {
    facts: { optimizer, step, beta1, beta2, fresh: { step: 0, carried } },
    counts: { optimizer, step, entries, of: parameterCount(plan.target) },
    tensors: plan.tensors,
    async make(order, name) {
      const zeros = (): Float32Array => new Float32Array(sizes.get(name) ?? 0);
      if (!has.has(name)) return zeros();
      return (await growers[order]?.grow(name)) ?? zeros();
    },
  };
}

const without = ({ name, shape }: TensorOrigins): TensorOrigins => ({ name, shape });

/** The entries with moments, of tensors that have others. */
function carriedEntries(origins: readonly TensorOrigins[]): CarriedEntries {
  const carried = new Map<string, readonly Uint8Array[]>();
  for (const one of origins) {
    const { axes, name, shape } = one;
    if (countEntries(one, ORIGIN.copy) === elementCount(shape)) continue;
    const rows = axes ?? shape.map((size) => new Uint8Array(size));
    carried.set(
      name,
      rows.map((axis) => axis.map((origin) => (origin >= ORIGIN.copy ? 1 : 0))),
    );
  }
  return carried;
}

/** Reads moments with the rows of the target; those of parameters that were frozen are zero. */
function momentSource(
  layout: Layout,
  growths: readonly RowGrowth[],
  moments: OpenedMoments,
  order: MomentOrder,
): ReadSource {
  const read = unbiased(moments, layout);
  return withZeroRows(layout, growths, async (name, into, start) =>
    moments.size(name) === undefined ? into.fill(0) : read(order, name, into, start),
  );
}

/** Writes the moments of a grown model beside it, tensor by tensor. */
export async function writeGrownMoments(folder: string, grown: GrownMoments): Promise<void> {
  const orders = ["first", "second"] as const;
  await writeOptimizerFile(
    folder,
    orders.flatMap((order) =>
      grown.tensors.map(({ name, shape }) => ({
        name: momentName(order, name),
        shape,
        data: () => grown.make(order, name),
      })),
    ),
    grown.facts,
  );
}

/** The moments of a grown model in memory. */
export async function grownMomentsInMemory(grown: GrownMoments): Promise<ModelMoments> {
  const tensors = new Map<string, Readonly<Record<MomentOrder, Float32Array>>>();
  for (const { name } of grown.tensors) {
    tensors.set(name, {
      first: await grown.make("first", name),
      second: await grown.make("second", name),
    });
  }
  return { ...grown.facts, tensors };
}
