import { join } from "node:path";
import { writeSafetensors } from "@ligo/checkpoint";
import type { TensorSource } from "@ligo/checkpoint";
import type { Engine, Numbers } from "@ligo/engine";
import type { OperatorLearningOptions, StepBatch } from "@ligo/train";
import type { Context } from "../context.js";
import { microBatches } from "../tasks/micro-batches.js";
import type { Feeds, Task } from "../tasks/task.js";
import { stepFile } from "./learning-document.js";

export interface DumpOptions {
  readonly folder: string;
  readonly engine: Engine;
  readonly learning: OperatorLearningOptions;
  readonly task: Task;
  readonly accumulate: number;
  readonly learningRates: readonly number[];
  readonly steps: number;
  readonly context: Pick<Context, "signal">;
}

/** The label that positions without one have, as Hugging Face has it. */
const IGNORED = -100;

/**
 * Learns for some steps and writes each: its batch as Hugging Face's classes take it, the mean loss over its labelled positions, the
 * rows of the operator that are learned as they are before the step, and their gradients before clipping.
 */
export async function dumpSteps(options: DumpOptions): Promise<void> {
  const { accumulate, context, engine, folder, learning, learningRates, steps, task } = options;
  const { gradientProgram, learnOperator, operatorLoss } = await import("@ligo/train");
  const problem = operatorLoss(learning);
  const learner = await learnOperator(engine, learning);
  const gradients = await engine.compile(gradientProgram(problem), {
    state: {},
    frozen: { ...problem.frozenValues, ...prefixed(problem.values) },
  });
  try {
    for (let step = 0; step < steps; step++) {
      context.signal.throwIfAborted();
      const batches = await microBatches(task, step, accumulate);
      const state = await learner.compiled.read(Object.keys(problem.learnable));
      const learned = Object.fromEntries(
        Object.entries(state).map(([name, data]) => [name, data.slice()]),
      );
      await gradients.write({ frozen: prefixed(learned) });
      const sum = new Map<string, Float32Array>();
      let positions = 0;
      for (const batch of batches) {
        const found = await gradients.run(seeded(batch, problem.seed, step));
        const count = labelled(batch, task);
        positions += count;
        for (const [name, data] of Object.entries(found)) addTo(sum, name, data, count);
      }
      for (const data of sum.values())
        for (const [index, value] of data.entries()) data[index] = value / positions;
      await writeSafetensors(join(folder, stepFile(step)), [
        ...batchTensors(batches, task),
        ...[...sum].map(([name, data]): TensorSource => {
          const spec = problem.learnable[name.replace(/^gradient\//u, "")];
          return { name, shape: spec?.shape ?? [], data: () => data };
        }),
        ...Object.entries(learned).map(([name, data]): TensorSource => {
          const shape = problem.learnable[name]?.shape ?? [];
          return { name: `operator/${name}`, shape, data: () => data };
        }),
      ]);
      await learner.step(batches, learningRates[step] ?? 0);
    }
  } finally {
    await learner.compiled.dispose();
    await gradients.dispose();
  }
}

const prefixed = (values: Readonly<Record<string, Float32Array>>): Record<string, Float32Array> =>
  Object.fromEntries(
    Object.entries(values).map(([name, data]) => [`learnable/${name}`, data.slice()]),
  );

const seeded = (batch: StepBatch, seed: number | undefined, step: number): StepBatch =>
  seed === undefined ? batch : { ...batch, seed: Int32Array.of(step + 1) };

function addTo(sum: Map<string, Float32Array>, name: string, data: Numbers, weight: number): void {
  const into = sum.get(name) ?? new Float32Array(data.length);
  for (let index = 0; index < into.length; index++)
    into[index] = (into[index] ?? 0) + weight * (data[index] ?? 0);
  sum.set(name, into);
}

/** Labels of a batch as Hugging Face's classes take them. */
function labelsOf(batch: Feeds): Int32Array {
  const { input_ids: ids, label_ids: labelIds, label_positions: positions, labels } = batch;
  if (labels !== undefined) return Int32Array.from(labels);
  const all = new Int32Array(ids?.length ?? 0).fill(IGNORED);
  for (const [index, id] of [...(labelIds ?? [])].entries())
    if (id !== IGNORED) all[positions?.[index] ?? 0] = id;
  return all;
}

/** Positions of a batch whose labels count. A causal model predicts none of the first tokens. */
function labelled(batch: Feeds, { objective, specs, unit }: Task): number {
  const labels = labelsOf(batch);
  const [, sequence = 1] = specs["input_ids"]?.shape ?? [];
  const skips = unit === "tokens" && objective === "causal-lm";
  return labels.filter((label, index) => label !== IGNORED && !(skips && index % sequence === 0))
    .length;
}

/** Tensors of an update's batches, one behind the other. */
function batchTensors(batches: readonly Feeds[], { specs }: Task): readonly TensorSource[] {
  const input = "pixel_values" in specs ? "pixel_values" : "input_ids";
  const [rows = 0, ...rest] = specs[input]?.shape ?? [];
  const count = batches.length * rows;
  const joined = (parts: readonly Numbers[]): Int32Array | Float32Array => {
    const all = parts.flatMap((part) => [...part]);
    return parts[0] instanceof Float32Array ? Float32Array.from(all) : Int32Array.from(all);
  };
  const tensor = (
    name: string,
    shape: readonly number[],
    parts: readonly Numbers[],
  ): TensorSource => {
    const data = joined(parts);
    return { name, shape, data: () => data };
  };
  const ofLabels = input === "input_ids" ? [count, ...rest] : [count];
  const distribution = specs["label_distribution"];
  return [
    tensor(
      input,
      [count, ...rest],
      batches.map((batch) => batch[input] as Numbers),
    ),
    tensor("labels", ofLabels, batches.map(labelsOf)),
    ...(distribution === undefined
      ? []
      : [
          tensor(
            "label_distribution",
            [count, distribution.shape[1] ?? 0],
            batches.map((batch) => batch["label_distribution"] as Numbers),
          ),
        ]),
  ];
}
