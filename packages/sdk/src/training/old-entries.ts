import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "@ligo/core/zod";
import type { Layout } from "@ligo/core";
import { expandLayout, isOwned } from "@ligo/core/layout";
import { grownOrigins } from "@ligo/core/stream";
import type { EntriesByName } from "@ligo/train";
import { oldEntries, oldStretches, type RowStretches } from "../growth/grown-entries.js";
import type { GrownModel } from "../growth/grown-model.js";
import type { TrainSource } from "../models/model-source.js";
import { readRecord, RECORD_NAME } from "../models/record-file.js";
import type { CheckedTrainSettings } from "../settings/types.generated.js";
import { UsageError } from "../usage-error.js";

/** Settings that tell the entries of a grown model apart. */
export type EntrySettings = Pick<CheckedTrainSettings, "freeze" | "newLearningRate" | "newWarmup">;

/** Names that `freeze` takes for entries, not for parameters. */
const GROUPS = ["old", "new"] as const;
type Group = (typeof GROUPS)[number];

const isGroup = (name: string): name is Group => (GROUPS as readonly string[]).includes(name);

/** Names of parameters, and the group of entries, that stay as they are. Throws `sdk/all-frozen` for both groups. */
export function frozenParts(freeze: readonly string[] = []): {
  readonly names: readonly string[];
  readonly group: Group | undefined;
} {
  const groups = new Set(freeze.filter(isGroup));
  if (groups.size > 1) {
    throw new UsageError(
      "sdk/all-frozen",
      "`freeze` names old and new entries, so there is nothing to train. Leave one of them out.",
      { expected: "old or new", actual: "old and new" },
    );
  }
  const [group] = groups;
  return { names: freeze.filter((name) => !isGroup(name)), group };
}

/**
 * The old entries of the model that is trained, where settings ask for them. Throws {@link UsageError} `sdk/no-growth` where it was not
 * grown, or its record does not say them, and `sdk/no-entries` where it has none of those that are to be frozen.
 */
export async function trainedEntries(
  from: TrainSource,
  folder: string,
  layout: Layout,
  settings: EntrySettings,
): Promise<EntriesByName | undefined> {
  const { group } = frozenParts(settings.freeze);
  const { newLearningRate, newWarmup } = settings;
  const [asking] = [
    group === undefined ? [] : `freeze: ["${group}"]`,
    newLearningRate === undefined ? [] : "newLearningRate",
    newWarmup === undefined ? [] : "newWarmup",
  ].flat();
  if (asking === undefined) return undefined;
  const known = await stretchesOf(from, folder, asking);
  const tensors = expandLayout(layout).filter(({ parameter }) => isOwned(parameter));
  const old = oldEntries(known, tensors);
  checkGroups(old, asking, group);
  return old;
}

function checkGroups(old: EntriesByName, asking: string, group: Group | undefined): void {
  const all = [...old.values()];
  const hasOld = all.some((axes) => axes.every((rows) => rows.includes(1)));
  const hasNew = all.some((axes) => axes.some((rows) => rows.includes(0)));
  const missing = group === "old" && !hasOld ? "old" : !hasNew ? "new" : undefined;
  if (missing === undefined) return;
  throw new UsageError(
    "sdk/no-entries",
    `\`${asking}\` has no effect: the growth left no ${missing} entries, ` +
      (missing === "old"
        ? "as every number is mixed of several of the source. Leave it out, or grow by a method that copies."
        : "as every number is one of the source. Leave it out."),
    { expected: `${missing} entries`, actual: "none" },
  );
}

/** The old entries of a grown model, by its record or its operator. */
async function stretchesOf(
  from: TrainSource,
  folder: string,
  asking: string,
): Promise<ReadonlyMap<string, RowStretches>> {
  if (typeof from !== "string") {
    const { out, operator, plan, rowGrowths } = from as Partial<GrownModel>;
    if (out !== undefined) return recordedStretches(out, asking);
    if (plan === undefined || operator === undefined) throw notGrown("the model in memory", asking);
    const origins = await grownOrigins(plan, operator, rowGrowths);
    return new Map(
      origins.flatMap((one): readonly [string, RowStretches][] => {
        const stretches = oldStretches(one);
        return stretches === undefined ? [] : [[one.name, stretches]];
      }),
    );
  }
  return recordedStretches(folder, asking);
}

const recorded = z.named(z.array(z.array(z.tuple([z.number(), z.number()]))));

async function recordedStretches(
  folder: string,
  asking: string,
): Promise<ReadonlyMap<string, RowStretches>> {
  const file = join(folder, RECORD_NAME);
  if (!existsSync(file)) throw notGrown(folder, asking);
  const { old } = await readRecord<{ old: unknown }>(folder, ["old"]);
  const found = recorded.safeParse(old);
  if (!found.success) throw notGrown(file, asking);
  return new Map(Object.entries(found.data));
}

function notGrown(where: string, asking: string): UsageError {
  return new UsageError(
    "sdk/no-growth",
    `\`${asking}\` tells old entries from new ones, and ${where} does not say which these are. Train the folder that a growth wrote, as it is.`,
    { file: where, expected: `${RECORD_NAME} of a growth`, actual: "none" },
  );
}
