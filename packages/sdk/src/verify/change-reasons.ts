import { methodNamed, type Layout, type Matrix } from "@ligo/core";
import { axisSpaces, normsBySpace } from "@ligo/core/layout";
import { inconsistentFactors, isMethodName, layoutChanges, listedLayers } from "@ligo/core/methods";
import { configReasons } from "../growth/config-reasons.js";
import type { OpenedModel } from "../models/open-model.js";
import type { RecordedGrowth } from "./recorded-growth.js";

/** Reasons, in two configs and in the record of a growth, against one function in both models. */
export function changeReasons(
  small: OpenedModel,
  grown: OpenedModel,
  growth: RecordedGrowth,
): readonly string[] {
  const [before, after] = [small.spec, grown.spec];
  const reasons: string[] = [];
  if (before.className !== after.className) {
    reasons.push(`the class changes from ${before.className} to ${after.className}`);
  }
  reasons.push(
    ...configReasons(
      before.config,
      after.config,
      before.architecture,
      growth.operator?.normEpsilonScale,
    ),
    ...layoutChanges(before.layout, after.layout),
    ...(growth.plan === undefined ? [] : listedLayers(growth.plan)),
    ...operatorReasons(before.layout, growth),
    ...inconsistentFactors(before.layout, after.layout, growth.operator?.tensors ?? new Map()),
  );
  for (const { start } of growth.rows.values())
    if (start === "interpolate")
      reasons.push("learned positions were interpolated, so that old ones moved");
  if (growth.command === "train") reasons.push("it was trained after it was grown");
  if (growth.command === "grow" && isLearned(growth.method)) {
    reasons.push(
      widens(growth.plan)
        ? "its width maps and depth weights were learned: dense maps mix the units, and keep no function exactly"
        : "its depth weights were learned: layers that are mixtures keep no function exactly",
    );
  }
  return reasons;
}

/** Whether a growth makes any width larger, as one does of which nothing is known. */
function widens(plan: RecordedGrowth["plan"]): boolean {
  if (plan === undefined) return true;
  const { source, target } = plan;
  return Object.entries(target.spaces).some(
    ([name, { grows, size }]) => grows && source.spaces[name]?.size !== size,
  );
}

/** Whether a method learns its operator. */
export function isLearned(method: string | undefined): boolean {
  return method !== undefined && isMethodName(method) && methodNamed(method).learns !== false;
}

/** What the numbers of the operator say: norms over mixed units, tied heads that read what they write. */
function operatorReasons(layout: Layout, { operator }: RecordedGrowth): readonly string[] {
  if (operator === undefined) return [];
  const reasons: string[] = [];
  if (operator.fresh !== undefined && operator.fresh.places?.rule !== "lossless") {
    reasons.push("what its operator does not reach starts from scratch (ligo.json says so)");
  }
  if (operator.perturbation !== undefined) {
    reasons.push("numbers were added to what new units hold (the operator's perturbation)");
  }
  if (operator.terms > 1) {
    reasons.push("its weights are sums over several terms, which take units from different layers");
  }
  for (const [space, norms] of normsBySpace(layout)) {
    const maps = [...operator.tensors].filter(([name]) => isWidthOf(name, space));
    if (maps.some(([, map]) => !copiesUnits(map))) {
      reasons.push(
        `${space}: its width map mixes units, and a norm of mixed units is no mixture of the norms (${norms.map(({ name }) => name).join(", ")})`,
      );
    }
  }
  for (const { axes, name, tiedTo } of layout.parameters) {
    if (tiedTo === undefined) continue;
    for (const space of axes.flatMap((axis) => (axis.role === "in" ? axisSpaces(axis) : []))) {
      const map = operator.tensors.get(`width.${space}`);
      if (map === undefined || map.rows === map.columns) continue;
      if (operator.tensors.has(`read.${space}`)) continue;
      reasons.push(
        `${name} is tied to ${tiedTo}: it reads ${space} with the map that writes it, which scales the logits by the copies`,
      );
    }
  }
  return reasons;
}

const isWidthOf = (name: string, space: string): boolean =>
  name.replace(/^term\.\d+\./u, "").replace(/\.\d+$/u, "") === `width.${space}`;

/** Whether every row of a map is a one among zeros, or nothing: what another term fills, or what starts from scratch. */
function copiesUnits({ rows, columns, data }: Matrix): boolean {
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * columns, (row + 1) * columns);
    const set = values.filter((value) => value !== 0);
    if (set.length > 1 || (set.length === 1 && set[0] !== 1)) return false;
  }
  return true;
}
