import { createPlan, type Plan, type TiePolicy } from "@ligo/core";
import type { ModelSpec } from "../models/model-spec.js";
import { openModel, type OpenedModel, type OpenModelOptions } from "../models/open-model.js";
import { targetModel, type TargetConfig } from "./target-config.js";
import { withFile } from "../models/with-file.js";

export interface GrowthOptions extends OpenModelOptions {
  /** A folder, a `.safetensors` file beside its `config.json`, or an id on the Hugging Face hub. */
  readonly checkpoint: string;
  readonly to: TargetConfig;
  /** Default `keep`. */
  readonly ties?: TiePolicy | undefined;
}

/** A source, open, a target, and the plan between them. */
export interface Growth {
  readonly source: OpenedModel;
  readonly target: ModelSpec;
  readonly plan: Plan;
}

/** Opens the source and plans its growth. The caller closes the source. */
export async function openGrowth(options: GrowthOptions): Promise<Growth> {
  const source = await openModel(options.checkpoint, options);
  try {
    const target = await targetModel(options.to, source.spec, options);
    const plan = withFile(target.file, () =>
      createPlan(source.spec.layout, target.layout, { ties: options.ties ?? "keep" }),
    );
    return { source, target, plan };
  } catch (error) {
    await source.close();
    throw error;
  }
}
