import type { IssueCollector } from "./config-fields.js";

/** The kind of a layer: it attends to all positions, or to those of a window. */
export type LayerType = "full_attention" | "sliding_attention";

/** Keys of a `config.json` about layers of several kinds. */
export interface LayerTypeFields {
  readonly num_hidden_layers: number;
  readonly layer_types?: readonly LayerType[] | null | undefined;
}

/** A check of a config schema, for zod's `superRefine`: every layer has a type. */
export function checkLayerTypes(config: LayerTypeFields, context: IssueCollector): void {
  const { layer_types: types, num_hidden_layers: layers } = config;
  if (types === null || types === undefined || types.length === layers) return;
  context.addIssue({
    code: "custom",
    message: `layer_types has ${types.length} entries for num_hidden_layers ${layers}`,
    path: ["layer_types"],
  });
}
