import { elementCount, memorySource, OperatorError, type Axis, type RawConfig } from "@ligo/core";
import { axisSpaces, expandLayout, isOwned, keysBehind } from "@ligo/core/layout";
import type { StoredRows } from "@ligo/core/operator";
import { rowChanges, withGrownRows, type RowChange, type RowGrowth } from "@ligo/core/stream";
import { initialDeviation } from "../models/initial-deviation.js";
import { withKeys, type ModelSpec } from "../models/model-spec.js";
import type { OpenedModel } from "../models/open-model.js";
import type { CheckedPlanSettings } from "../settings/types.generated.js";
import { UsageError } from "../usage-error.js";
import type { GrownVocabulary } from "./grow-vocabulary.js";

/** Settings that new rows start by. */
export type RowSettings = Partial<Pick<CheckedPlanSettings, "newRows" | "newPositions">> & {
  readonly seed?: number | undefined;
};

/**
 * How the rows of the source's tables become those of the target. Throws {@link UsageError} `sdk/no-new-rows` for a setting that
 * nothing would read, `sdk/copied-patches`; `PlanError` `plan/smaller-target`.
 */
export function rowGrowths(
  source: ModelSpec,
  { rows, target }: Pick<GrownVocabulary, "rows" | "target">,
  settings: RowSettings,
): readonly RowGrowth[] {
  const changes = changesOf(source, target, rows.places !== undefined);
  checkRead(changes, settings);
  const drawn = { seed: settings.seed ?? 0, deviation: initialDeviation(target) };
  return changes.map((change): RowGrowth => {
    const { rows: meaning } = change.now;
    if (meaning.of === "tokens")
      return { ...change, start: settings.newRows ?? "moments", drawn, ...rows };
    if (meaning.of === "positions") return { ...change, start: settings.newPositions ?? "copy" };
    if (settings.newPositions === "copy") throw copiedPatches();
    return { ...change, start: "interpolate" };
  });
}

/** Spaces whose rows change; that of tokens too where they only change places. */
function changesOf(
  source: ModelSpec,
  target: ModelSpec,
  movesTokens: boolean,
): readonly RowChange[] {
  const changes = rowChanges(source.layout, target.layout);
  if (!movesTokens) return changes;
  const others = changes.filter(({ now }) => now.rows.of !== "tokens");
  const tokens = Object.entries(target.layout.spaces).flatMap(([space, now]): RowChange[] => {
    const { [space]: old } = source.layout.spaces;
    if (now.rows?.of !== "tokens" || old?.rows === undefined) return [];
    return [{ space, old: { ...old, rows: old.rows }, now: { ...now, rows: now.rows } }];
  });
  return [...tokens, ...others];
}

function checkRead(changes: readonly RowChange[], settings: RowSettings): void {
  const has = (isOf: (of: string) => boolean): boolean =>
    changes.some(({ now }) => isOf(now.rows.of));
  const idle =
    settings.newRows !== undefined && !has((of) => of === "tokens")
      ? (["newRows", "tokens"] as const)
      : settings.newPositions !== undefined && !has((of) => of !== "tokens")
        ? (["newPositions", "learned positions"] as const)
        : undefined;
  if (idle === undefined) return;
  const [setting, what] = idle;
  throw new UsageError(
    "sdk/no-new-rows",
    `\`${setting}\` has no effect: the target has the ${what} of the source. Leave it out, or ask for more of them.`,
    { expected: `more ${what}`, actual: "as many" },
  );
}

function copiedPatches(): UsageError {
  return new UsageError(
    "sdk/copied-patches",
    'Positions of larger images are interpolated, not copied. Leave `newPositions` out, or set it to "interpolate".',
    { expected: "interpolate", actual: "copy" },
  );
}

/**
 * The same growths as the operator of a file has them, which says how rows start. Throws `OperatorError` `operator/rows` where it
 * grows other rows.
 */
export function storedGrowths(
  growths: readonly RowGrowth[],
  stored: ReadonlyMap<string, StoredRows>,
  file: string,
): readonly RowGrowth[] {
  const words = (entries: readonly (readonly [string, number, number])[]): string =>
    entries
      .map(([space, from, to]) => `${space} ${from} to ${to}`)
      .toSorted()
      .join(", ") || "none";
  const expected = words(growths.map(({ now, old, space }) => [space, old.size, now.size]));
  const actual = words([...stored].map(([space, { from, to }]) => [space, from, to]));
  if (expected !== actual) {
    throw new OperatorError(
      "operator/rows",
      `${file} grows other rows (${actual}) than the target asks for (${expected}). Give the target that the operator was made for.`,
      { file, expected, actual },
    );
  }
  return growths.map(({ now, old, space, start }) => {
    const { from: _from, to: _to, ...own } = stored.get(space) ?? { start };
    return { now, old, space, ...own };
  });
}

/** A source as growth reads it: its tables with the rows of the target. */
export type GrowthBase = Pick<OpenedModel, "spec" | "read" | "readAll">;

/** The source with grown rows. */
export function growthBase(
  source: OpenedModel,
  { moved, target }: Pick<GrownVocabulary, "moved" | "target">,
  growths: readonly RowGrowth[],
): GrowthBase {
  if (growths.length === 0) return source;
  const spec = withKeys(source.spec, { ...rowKeys(source.spec, target, growths), ...moved });
  const isGrown = (axis: Axis): boolean =>
    growths.some(({ space }) => axisSpaces(axis).includes(space));
  const tables = expandLayout(spec.layout).filter(
    ({ parameter }) => isOwned(parameter) && parameter.axes.some(isGrown),
  );
  const sizes = new Map(tables.map(({ name, shape }) => [name, elementCount(shape)]));
  const read = withGrownRows(source.spec.layout, growths, (name, into, start) =>
    source.read(name, into, start),
  );
  return {
    spec,
    async read(name, into, start, areFinite) {
      const size = sizes.get(name);
      if (size === undefined) return source.read(name, into, start, areFinite);
      return read(name, into ?? new Float32Array(size), start ?? 0);
    },
    async readAll(signal) {
      const all = new Map(await source.readAll(signal));
      const inMemory = withGrownRows(source.spec.layout, growths, memorySource(new Map(all)));
      for (const [name, size] of sizes)
        all.set(name, await inMemory(name, new Float32Array(size), 0));
      return all;
    },
  };
}

/** Keys of the target that the rows come from. */
function rowKeys(source: ModelSpec, target: ModelSpec, growths: readonly RowGrowth[]): RawConfig {
  const changed = Object.fromEntries(
    Object.entries(target.config).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(source.config[key]),
    ),
  );
  const behind = growths.flatMap(({ space }) =>
    keysBehind(source, changed, ({ spaces }) => [spaces[space]?.size, spaces[space]?.rows]),
  );
  return Object.fromEntries(behind.map((key) => [key, target.config[key]]));
}
