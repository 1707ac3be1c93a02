import { PlanError, type RawConfig } from "@ligo/core";
import { sizeKeys } from "@ligo/core/cost";
import { keysBehind } from "@ligo/core/layout";
import { listedStack, type LayerList } from "@ligo/core/methods";
import type { ModelSpec } from "../models/model-spec.js";

/** The key of a config that says how many layers its one stack has. */
const layersKey = (spec: ModelSpec): string => sizeKeys(spec).layers ?? "num_hidden_layers";

/** Keys of a target with the number of layers that a list has, where they tell none. Throws `PlanError` `plan/layers`. */
export function withLayerCount(keys: RawConfig, source: ModelSpec, layers: LayerList): RawConfig {
  listedStack(source.layout, layers);
  return { [layersKey(source)]: layers.length, ...keys };
}

/** Throws `PlanError` `plan/layers` where a target has another number of layers than a list. */
export function checkLayerCount(source: ModelSpec, target: ModelSpec, layers: LayerList): void {
  listedStack(source.layout, layers);
  const key = layersKey(source);
  const count = target.config[key];
  if (count === layers.length) return;
  const { file } = target;
  throw new PlanError(
    "plan/layers",
    `\`layers\` lists ${layers.length} layers, and ${file} has ${key} ${String(count)}. Make them agree, or leave ${key} out.`,
    { file, expected: `${key} = ${layers.length}`, actual: String(count) },
  );
}

/** Names, where layers of a list are of other kinds than their places, the keys of the target that these come from. */
export function withKindKeys<T>(target: ModelSpec, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PlanError) || error.code !== "plan/layer-kinds") throw error;
    const { expected, actual, message } = error;
    const keys = kindKeys(target);
    const lists = Object.keys(target.architecture.perLayer ?? {});
    const advice =
      lists.length === 0 ? "" : ` Give ${lists.join(" and ")} in \`to\`, an entry for every layer.`;
    throw new PlanError(
      error.code,
      `${message.replace(/\.$/u, "")} (${keys.join(", ")}).${advice}`,
      {
        expected,
        actual,
        cause: error,
      },
    );
  }
}

/** Keys that the kinds of layers come from: a list for every layer, else a number. */
function kindKeys(target: ModelSpec): readonly string[] {
  const { architecture, config } = target;
  const lists = Object.keys(architecture.perLayer ?? {}).filter((key) =>
    Array.isArray(config[key]),
  );
  if (lists.length > 0) return lists;
  const raised = Object.entries(config)
    .filter(([key, value]) => typeof value === "number" && key !== layersKey(target))
    .map(([key, value]): [string, number] => [key, Number(value) + 1]);
  return keysBehind(target, Object.fromEntries(raised), ({ stacks }) =>
    Object.values(stacks).map(({ kinds }) => kinds),
  );
}
