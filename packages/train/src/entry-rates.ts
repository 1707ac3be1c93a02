import type { TensorSpecs, Tensors } from "@ligo/engine";
import * as tf from "@ligo/tfjs";
import { biasCorrection, type AdamWOptions, type EntryRates } from "./adamw.js";

/**
 * Entries of a tensor: those whose every row, axis by axis, is 1. `none` where there are none.
 */
export type EntryRows = readonly Uint8Array[] | "none";

/** Entries of a tensor that others are updated otherwise than. Absent: all entries are such. */
export interface EntryGroups {
  /** Entries that have the learning rate; the others have it times the step's `newRate`. */
  readonly old?: EntryRows | undefined;
  /** Entries that move; the others stay as they are, to the bit. */
  readonly trained?: Exclude<EntryRows, "none"> | undefined;
  /** Whether those that move are the ones that are not `trained`. Default false. */
  readonly inverted?: boolean | undefined;
  /** Entries whose moments are means of as many updates as are counted; the others began at zero later. */
  readonly carried?: EntryRows | undefined;
}

const KINDS = ["old", "trained", "carried"] as const;
const PREFIX = "entries/";
const nameOf = (name: string, kind: string, axis: number): string =>
  `${PREFIX}${kind}/${name}/${axis}`;

type Grouped = Readonly<Record<string, { readonly entries?: EntryGroups | undefined }>>;

/** The rows of all groups as frozen tensors of a program, in one array of float32 numbers an axis. */
export function entryValues(learnable: Grouped): Readonly<Record<string, Float32Array>> {
  const values: Record<string, Float32Array> = {};
  for (const [name, { entries = {} }] of Object.entries(learnable)) {
    for (const kind of KINDS) {
      const rows = entries[kind];
      if (rows === undefined || rows === "none") continue;
      for (const [axis, ones] of rows.entries())
        values[nameOf(name, kind, axis)] = Float32Array.from(ones);
    }
  }
  return values;
}

export function entrySpecs(learnable: Grouped): TensorSpecs {
  return Object.fromEntries(
    Object.entries(entryValues(learnable)).map(([name, { length }]) => [
      name,
      { shape: [length], dtype: "float32" as const },
    ]),
  );
}

/** Whether the update takes a rate of new entries. */
export const hasNewRate = (learnable: Grouped): boolean =>
  Object.values(learnable).some(({ entries }) => entries?.old !== undefined);

/** The entries of a group, 1 each and 0 for others: a scalar 0 where there are none. */
function groupOf(
  frozen: Tensors,
  name: string,
  kind: (typeof KINDS)[number],
  rows: EntryRows,
): tf.Tensor {
  if (rows === "none") return tf.scalar(0);
  return rows
    .map((_, axis) => {
      const ones = frozen[nameOf(name, kind, axis)] as tf.Tensor;
      return ones.reshape(rows.map((_row, other) => (other === axis ? ones.size : 1)));
    })
    .reduce((product, ones) => product.mul(ones));
}

/** 1 for a group's entries, exactly, and a factor for the others. */
const orElse = (group: tf.Tensor, factor: tf.Tensor): tf.Tensor =>
  group.add(tf.scalar(1).sub(group).mul(factor));

/** The rates of one tensor's entries; `undefined` where all are updated alike. */
export function entryRates(
  name: string,
  groups: EntryGroups | undefined,
  frozen: Tensors,
  {
    correction,
    newRate,
  }: { readonly newRate: tf.Tensor; readonly correction: () => LateCorrection },
): EntryRates | undefined {
  if (groups === undefined) return undefined;
  const { carried, inverted = false, old, trained } = groups;
  const earlier = carried && groupOf(frozen, name, "carried", carried);
  const moving = trained && groupOf(frozen, name, "trained", trained);
  return {
    rate: old && orElse(groupOf(frozen, name, "old", old), newRate),
    correction: earlier && {
      step: orElse(earlier, correction().step),
      epsilon: orElse(earlier, correction().epsilon),
    },
    trained: moving && inverted ? tf.scalar(1).sub(moving) : moving,
  };
}

/** Factors on Adam's step and on its epsilon. */
export interface LateCorrection {
  readonly step: tf.Scalar;
  readonly epsilon: tf.Scalar;
}

/**
 * Factors on Adam's step of entries whose moments began at zero `lag` updates later than those that are counted: their own bias
 * correction over that of the count. Without it their step would be as much as (1 - beta1) / sqrt(1 - beta2) too large, 3.2 by
 * default, and six times after ten updates.
 */
export function lateCorrection(
  step: tf.Scalar,
  lag: number,
  { beta1, beta2 }: Pick<Required<AdamWOptions>, "beta1" | "beta2">,
): LateCorrection {
  const own = step.sub<tf.Scalar>(lag);
  const roots = [own, step].map((count) => biasCorrection(beta2, count).sqrt());
  const [ownRoot, root] = roots as [tf.Scalar, tf.Scalar];
  const epsilon = ownRoot.div<tf.Scalar>(root);
  const first = biasCorrection(beta1, step).div<tf.Scalar>(biasCorrection(beta1, own));
  return { step: epsilon.mul(first), epsilon };
}
