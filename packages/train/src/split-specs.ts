import { elementCount, type Layout } from "@ligo/core";
import { expandLayout, hiddenMatrix, isOwned } from "@ligo/core/layout";
import type { TensorSpecs } from "@ligo/engine";
import type { EntryGroups, EntryRows } from "./entry-rates.js";
import { matchNames } from "./match-names.js";
import { TrainingError } from "./training-error.js";
import type { LearnableSpec } from "./training-program.js";

/** By parameter, the entries of a group: those whose every row, axis by axis, is 1. All entries of one that is not here. */
export type EntriesByName = ReadonlyMap<string, readonly Uint8Array[]>;

/** What of a model is trained, and what of it otherwise than the rest. */
export interface TrainedParts {
  /**
   * Names of parameters that stay as they are, `*` standing for any part of a name: they have no gradient and no moments.
   */
  readonly freeze?: readonly string[] | undefined;
  /** Names of parameters without weight decay, beside those that the layout has without: biases and norms. */
  readonly undecayed?: readonly string[] | undefined;
  /** Entries of a grown model that are the source's; the others are new. */
  readonly old?: EntriesByName | undefined;
  /** Old or new entries that stay as they are, to the bit. Default none. */
  readonly freezeEntries?: "old" | "new" | undefined;
  /** Whether each step gives new entries a rate of their own. Default false. */
  readonly hasNewRate?: boolean | undefined;
  /** Entries whose moments are means of all updates that are counted; the others began at zero `lateBy` later. */
  readonly carried?: EntriesByName | undefined;
  readonly lateBy?: number | undefined;
}

/** Specs of everything a layout's model is trained by: not its ties and copies. */
export function learnableSpecs(layout: Layout): Record<string, LearnableSpec> {
  return Object.fromEntries(
    expandLayout(layout)
      .filter(({ parameter }) => isOwned(parameter))
      .map(({ name, shape, parameter }) => {
        const matrix = hiddenMatrix(layout, parameter);
        const spec = { shape, dtype: "float32" as const, decay: parameter.decay };
        return [name, matrix === undefined ? spec : { ...spec, matrix }];
      }),
  );
}

/** Parameters that are learned, and those that are frozen. Throws `training/unknown-pattern` and `training/all-frozen`. */
export function splitSpecs(
  layout: Layout,
  parts: TrainedParts,
): { frozen: TensorSpecs; learnable: Record<string, LearnableSpec> } {
  const { freeze = [], undecayed = [] } = parts;
  const specs = learnableSpecs(layout);
  const names = Object.keys(specs);
  const [still, light] = [matchNames(freeze, names), matchNames(undecayed, names)];
  const entries = Object.entries(specs);
  const learnable = entries.flatMap(([name, spec]) => {
    const groups = still.has(name) ? undefined : entryGroups(name, spec, parts);
    if (groups === undefined) return [];
    const own = { ...spec, decay: spec.decay && !light.has(name) };
    const isPlain = Object.values(groups).every((group) => group === undefined);
    return [[name, isPlain ? own : { ...own, entries: groups }] as const];
  });
  if (learnable.length === 0) {
    throw new TrainingError(
      "training/all-frozen",
      "Every parameter is frozen, so there is nothing to train.",
      { actual: [...freeze, parts.freezeEntries ?? []].flat().join(" ") },
    );
  }
  const moving = new Set(learnable.map(([name]) => name));
  return {
    learnable: Object.fromEntries(learnable),
    frozen: Object.fromEntries(
      entries
        .filter(([name]) => !moving.has(name))
        .map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
    ),
  };
}

/** The groups of a tensor's entries; `undefined` where none of them moves. */
function entryGroups(
  name: string,
  { shape }: LearnableSpec,
  { carried, freezeEntries, hasNewRate = false, old }: TrainedParts,
): EntryGroups | undefined {
  const size = elementCount(shape);
  const [own, earlier] = [old?.get(name), carried?.get(name)].map((rows) => groupIn(rows, size));
  if (freezeEntries === "new" && own === "none") return undefined;
  if (freezeEntries === "old" && own === undefined) return undefined;
  const isPart = freezeEntries !== undefined && own !== undefined && own !== "none";
  return {
    old: hasNewRate ? own : undefined,
    carried: earlier,
    ...(isPart ? { trained: own, inverted: freezeEntries === "old" } : {}),
  };
}

/** A group that is part of a tensor, or `none`; `undefined` where it is all of it. */
function groupIn(rows: readonly Uint8Array[] | undefined, size: number): EntryRows | undefined {
  if (rows === undefined) return undefined;
  const count = rows.reduce((product, axis) => product * axis.filter(Boolean).length, 1);
  if (count === size) return undefined;
  return count === 0 ? "none" : rows;
}
