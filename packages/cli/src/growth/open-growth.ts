import { createPlan, type Plan, type TiePolicy } from "@ligo/core";
import type { FindArchitectureOptions } from "../models/find-architecture.js";
import type { ModelSpec } from "../models/model-spec.js";
import { openModel, type OpenedModel } from "../models/open-model.js";
import { targetModel, type TargetConfig } from "./target-config.js";
import { withFile } from "../models/with-file.js";

export interface GrowthOptions extends FindArchitectureOptions {
  /** A folder, or a `.safetensors` file beside its `config.json`. */
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
    const target = await targetModel(options.to, source.spec);
    const plan = withFile(target.file, () =>
      createPlan(source.spec.layout, target.layout, { ties: options.ties ?? "keep" }),
    );
    return { source, target, plan };
  } catch (error) {
    await source.close();
    throw error;
  }
}
