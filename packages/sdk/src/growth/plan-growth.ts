import { createPlan, type Plan } from "@ligo/core";
import type { LayerList } from "@ligo/core/methods";
import { withRowsOf, type RowGrowth } from "@ligo/core/stream";
import type { ModelSpec } from "../models/model-spec.js";
import { withFile } from "../models/with-file.js";
import type { CheckedPlanSettings } from "../settings/types.generated.js";
import { rowGrowths, type RowSettings } from "./grown-rows.js";
import { withKindKeys } from "./target-layers.js";
import type { TargetModel } from "./target-model.js";

/** A target, and the rows of old and new tokens where a tokenizer tells them. */
export interface PlannedTarget {
  readonly target: TargetModel;
  readonly rows: Pick<RowGrowth, "places" | "pieces">;
}

/** Settings that plans depend on, beside source and target. */
export type PlannedBy = Pick<CheckedPlanSettings, "ties"> & RowSettings;

/**
 * The plan from a source, its tables with the rows of the target, to that target, and how these rows are made. Throws what
 * `createPlan` and `rowGrowths` throw, with the file of the target.
 */
export function planGrowth(
  source: ModelSpec,
  planned: PlannedTarget,
  settings: PlannedBy,
  layers: LayerList | undefined,
): { readonly plan: Plan; readonly rows: readonly RowGrowth[] } {
  const { target } = planned;
  return withFile(target.file, () => {
    const rows = rowGrowths(source, planned, settings);
    const before = withRowsOf(source.layout, rows);
    const { ties } = settings;
    const plan = withKindKeys(target, () => createPlan(before, target.layout, { ties, layers }));
    return { plan, rows };
  });
}
