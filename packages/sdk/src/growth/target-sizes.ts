import { PlanError, type Layout } from "@ligo/core";
import { keysBehind } from "@ligo/core/layout";
import type { ModelSpec } from "../models/model-spec.js";
import type { TargetModel } from "./target-model.js";

/** What helps whoever wants another size of a space that does not grow. */
const ADVICE: Readonly<Record<string, string>> = {
  label: "train the grown model on data with other labels",
};

/**
 * Refuses sizes of a target that cannot grow, and those that shrink, by the keys of the config that ask for them. Throws
 * `PlanError`: `plan/fixed-size`, `plan/smaller-target`, `plan/fewer-layers`.
 */
export function checkTargetSizes(source: ModelSpec, target: TargetModel): void {
  if (source.className !== target.className) return;
  checkLabelCount(source, target);
  for (const [name, { grows: byMaps, rows, size: after }] of Object.entries(target.layout.spaces)) {
    const before = source.layout.spaces[name]?.size;
    const grows = byMaps || rows !== undefined;
    if (before === undefined || before === after || (grows && after > before)) continue;
    const measure = (layout: Layout): unknown => layout.spaces[name]?.size;
    const keys = behind(source, target, measure);
    if (keys.length === 0) continue;
    throw grows
      ? smaller("plan/smaller-target", keys, source, target)
      : fixedSize(name, keys, source, target);
  }
  for (const [name, { layers: after }] of Object.entries(target.layout.stacks)) {
    if (after >= (source.layout.stacks[name]?.layers ?? 0)) continue;
    const keys = behind(source, target, (layout) => layout.stacks[name]?.layers);
    if (keys.length > 0) throw smaller("plan/fewer-layers", keys, source, target);
  }
}

/** Keys whose other value in the target changes a size. */
function behind(
  source: ModelSpec,
  target: ModelSpec,
  measure: (layout: Layout) => unknown,
): readonly string[] {
  const changes = Object.entries(target.config).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(source.config[key]),
  );
  return keysBehind(source, Object.fromEntries(changes), measure);
}

/** A number of labels beside names, which count before it: it would go unread. */
function checkLabelCount(source: ModelSpec, target: TargetModel): void {
  const labels = source.layout.spaces["label"];
  const asked = target.given["num_labels"];
  if (labels === undefined || typeof asked !== "number" || asked === labels.size) return;
  throw fixedSize("label", ["num_labels"], source, target);
}

/** `hidden_size is 24 in the source and 16 in the target`, each key under the name that it was written by. */
function words(keys: readonly string[], source: ModelSpec, { config, given }: TargetModel): string {
  const { aliases = {} } = source.architecture;
  const parts = keys.map((key) => {
    const alias = Object.keys(aliases).find((one) => aliases[one] === key && one in given);
    const labels = key === "num_labels" ? source.layout.spaces["label"]?.size : undefined;
    const [before, after] = [labels ?? source.config[key], given[key] ?? config[key]].map(
      (value) => JSON.stringify(value) ?? "not set",
    );
    return `${alias ?? key} is ${before} in the source and ${after} in the target`;
  });
  return parts.join(", ");
}

function fixedSize(
  space: string,
  keys: readonly string[],
  source: ModelSpec,
  target: TargetModel,
): PlanError {
  const { [space]: advice } = ADVICE;
  const { file } = target;
  const said = words(keys, source, target);
  return new PlanError(
    "plan/fixed-size",
    `${file}: ${said}, but this size cannot grow: LiGO grows width and depth. Leave ${keys.join(" and ")} as in the source` +
      `${advice === undefined ? "" : `; ${advice}`}.`,
    { file, expected: `${keys.join(", ")} of the source`, actual: said },
  );
}

function smaller(
  code: string,
  keys: readonly string[],
  source: ModelSpec,
  target: TargetModel,
): PlanError {
  const { file } = target;
  const said = words(keys, source, target);
  return new PlanError(
    code,
    `${file}: ${said}, which is smaller. Give the target at least the size of the source.`,
    { file, expected: "at least the source's size", actual: said },
  );
}
