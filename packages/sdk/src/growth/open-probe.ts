import type { DataProbe, ProbedModel } from "@ligo/core/methods";
import type { Weights } from "@ligo/train";
import type { Context } from "../context.js";
import { loadEngine } from "../models/load-engine.js";
import { loadObjective } from "../models/load-model.js";
import type { CheckedGrowSettings } from "../settings/types.generated.js";
import { microBatches } from "../tasks/micro-batches.js";
import type { Timings } from "../timings.js";
import { openGrowthData, type GrowthData } from "./growth-data.js";
import type { Growth } from "./open-growth.js";

/** What a method may ask about the data of a growth. */
export interface OpenedProbe {
  readonly probe: DataProbe;
  readonly data: GrowthData;
  /** Floating-point operations of the gradients so far; null where there were none, or the engine does not count them. */
  flops(): number | null;
}

/**
 * Opens the data of a growth for a method that asks them: its gradients are those of the source's loss on the first batch of
 * training.
 *
 * @param opened the data, where they are open already
 */
export async function openProbe(
  growth: Growth,
  settings: CheckedGrowSettings,
  context: Context,
  timings: Timings,
  opened: GrowthData | undefined,
): Promise<OpenedProbe> {
  const data = opened ?? (await openGrowthData(growth, settings, context, timings));
  const { task } = data;
  let flops = 0;
  const gradients = async ({ layout, wanted, weights }: ProbedModel): Promise<Weights> => {
    const { lossGradients } = await import("@ligo/train");
    const found = await lossGradients(await loadEngine(settings.engine), {
      layout,
      objective: await loadObjective(growth.base.spec, task.objective),
      batch: task.specs,
      weights,
      wanted,
      batches: await microBatches(task, 0, settings.accumulate),
    });
    flops += found.flops;
    return found.gradients;
  };
  return {
    data,
    probe: {
      gradients: (model) => timings.time("learn", () => gradients(model)),
      async singularVectors(matrix) {
        context.signal.throwIfAborted();
        const { singularVectors } = await import("@ligo/train");
        return timings.time("learn", () => singularVectors(matrix));
      },
    },
    flops: () => (flops > 0 ? flops : null),
  };
}
