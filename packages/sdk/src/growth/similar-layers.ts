import { layersText, repeatLayers, type LayerList } from "@ligo/core/methods";
import type { Context } from "../context.js";
import { createForwardPass, hiddenStateName } from "../models/forward-pass.js";
import type { Output } from "../models/forward-result.js";
import { loadEngine } from "../models/load-engine.js";
import { loadModel } from "../models/load-model.js";
import type { InputBatch } from "../models/model-inputs.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { OpenedModel } from "../models/open-model.js";
import type { CheckedGrowSettings } from "../settings/types.generated.js";
import { openTask } from "../tasks/open-task.js";
import type { Task } from "../tasks/task.js";
import type { Timings } from "../timings.js";
import { UsageError } from "../usage-error.js";
import { meanCosine } from "./mean-cosine.js";

/** Batches, of so many sequences or images, that inputs and outputs of layers are compared on. */
const COMPARED = { batches: 8, batch: 8 } as const;

/** What layers are compared with. */
export interface SimilarityOptions {
  readonly settings: CheckedGrowSettings;
  readonly context: Context;
  readonly timings: Timings;
}

/**
 * The list that repeats, in place, the layers of a source whose input and output are most alike: by the mean cosine of the hidden
 * states before and after each layer, over data to learn from. Tells it as an event.
 *
 * Throws {@link UsageError}: `sdk/nothing-to-repeat`, `sdk/no-hidden-states`; and what `openTask` throws.
 */
export async function similarLayers(
  source: OpenedModel,
  target: ModelSpec,
  { context, settings, timings }: SimilarityOptions,
): Promise<LayerList> {
  const [stack = "", ...others] = Object.keys(source.spec.layout.stacks);
  const before = source.spec.layout.stacks[stack]?.layers ?? 0;
  const now = target.layout.stacks[stack]?.layers ?? 0;
  if (others.length > 0 || now <= before) throw nothingToRepeat(source.spec, before, now);
  const task = await timings.time("read", async () =>
    openTask(source.spec, {
      ...context,
      ...settings,
      data: settings.data ?? [],
      batch: COMPARED.batch,
      folder: await source.folder(),
    }),
  );
  const similarity = await timings.time("evaluate", () =>
    measure(source, stack, before, task, { context, settings }),
  );
  const layers = repeatLayers(similarity, now);
  context.emit({ type: "layers", layers: layersText(layers), similarity });
  return layers;
}

function nothingToRepeat(
  { className, layout }: ModelSpec,
  before: number,
  now: number,
): UsageError {
  const stacks = Object.keys(layout.stacks);
  const reason =
    stacks.length > 1
      ? `${className} has ${stacks.join(" and ")}`
      : `the source has ${before} layers and the target ${now}`;
  return new UsageError(
    "sdk/nothing-to-repeat",
    `\`layersBy\` chooses which layers of one stack are repeated, and ${reason}. ` +
      "Give the target more layers, or leave it out.",
    { expected: `more than ${before} layers of one stack`, actual: String(now) },
  );
}

/** Mean cosine of input and output of every layer. */
async function measure(
  source: OpenedModel,
  stack: string,
  layers: number,
  task: Task,
  { context, settings }: Pick<SimilarityOptions, "context" | "settings">,
): Promise<readonly number[]> {
  const { signal } = context;
  const model = await loadModel(source.spec);
  if (model.hiddenStates === undefined) throw noHiddenStates(source.spec);
  const pass = createForwardPass(await loadEngine(settings.engine), source, {
    hiddenStates: true,
    signal,
  });
  const sums = Array.from({ length: layers }, () => 0);
  const batches = Math.min(COMPARED.batches, task.batchesPerEpoch);
  try {
    for (let step = 0; step < batches; step++) {
      const batch = await inputsOf(task, step, Object.keys(model.inputs));
      const outputs = await pass.run(batch);
      const { attention_mask: mask } = batch.arrays;
      for (let layer = 0; layer < layers; layer++) {
        const [before, after] = [layer, layer + 1].map((passed) =>
          outputs.get(hiddenStateName(stack, passed)),
        );
        sums[layer] =
          (sums[layer] ?? 0) + meanCosine(before as Output, after as Output, mask) / batches;
      }
    }
  } finally {
    await pass.dispose();
  }
  return sums;
}

/** A batch to learn from without its labels, which a forward pass needs not. */
async function inputsOf(task: Task, step: number, names: readonly string[]): Promise<InputBatch> {
  const feeds = await task.batch(step);
  const read = names.filter((name) => name in feeds && name !== "labels");
  return {
    specs: Object.fromEntries(
      read.map((name) => [name, task.specs[name] as InputBatch["specs"][string]]),
    ),
    arrays: Object.fromEntries(
      read.map((name) => [name, feeds[name] as InputBatch["arrays"][string]]),
    ),
  };
}

function noHiddenStates({ className, file }: ModelSpec): UsageError {
  return new UsageError(
    "sdk/no-hidden-states",
    `${file}: the architecture of ${className} gives no hidden states to compare layers by. Give \`layers\` as a list.`,
    { file, expected: "hidden states" },
  );
}
