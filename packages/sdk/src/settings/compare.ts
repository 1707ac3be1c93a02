import * as z from "@ligo/core/zod";
import { defineSettings, type CommandSettings } from "./define.js";
import { flag, paths, pick, type Settings } from "./kinds.js";
import { modelSettings, outputSettings } from "./run.js";
import { eitherOr } from "./optimization.js";
import type { CheckedCompareSettings, CompareSettings } from "./types.generated.js";
import type { Shard } from "./values.js";

/** `2/4`: the second of four parts. */
function shardOf(text: string, context: z.RefinementCtx): Shard {
  const [, index, count] = /^(\d+)\/(\d+)$/u.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (!(shard.index >= 1 && shard.index <= shard.count)) {
    context.addIssue({ code: "custom", message: "not a part" });
  }
  return shard;
}

/** Settings of a comparison beside its recipe. */
const comparison: Settings = {
  seeds: z.array(z.number().int().min(0)).min(1).meta({
    group: "run",
    otherwise: "those of the recipe",
    says: "Seeds.",
  }),
  shard: z.string().transform(shardOf).meta({
    group: "run",
    holder: "k/n",
    must: "k/n with k from 1 to n",
    type: "string",
    checked: "Shard",
    says: "Part of the runs to do: the k-th of n, such as 2/4.",
  }),
  sourcesOnly: flag({ group: "run", says: "Train the sources and stop." }).default(false),
  reportOnly: flag({ group: "run", says: "Run nothing; gather what is there." }).default(false),
  estimate: flag({
    group: "run",
    says: "Say what the comparison will take and stop; nothing is written.",
  }).default(false),
  keepModels: flag({
    group: "output",
    says: "Keep the checkpoints of all methods and seeds.",
  }).default(false),
  resume: flag({ group: "run", says: "Go on with what `out` holds already." }).default(false),
  known: paths({
    group: "run",
    holder: "files",
    says: "Results of the same comparison from elsewhere (its `results.json`): runs that they hold are not run again.",
  }),
};

export const compareSettings: CommandSettings<CompareSettings, CheckedCompareSettings> =
  defineSettings<CompareSettings, CheckedCompareSettings>(
    "compare",
    { ...pick(outputSettings, "out"), ...comparison, ...modelSettings },
    { rules: [eitherOr("sourcesOnly", "reportOnly")] },
  );
