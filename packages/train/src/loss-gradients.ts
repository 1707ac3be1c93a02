import type { Layout } from "@ligo/core";
import type { Engine, Numbers, TensorSpecs } from "@ligo/engine";
import { tensorParameters, type Objective } from "@ligo/nn";
import { mergedParameters } from "./merged-parameters.js";
import { learnableSpecs } from "./split-specs.js";
import { gradientProgram } from "./training-program.js";

export interface LossGradientsOptions {
  readonly layout: Layout;
  readonly objective: Objective;
  readonly batch: TensorSpecs;
  /** Weights by canonical name; not changed. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Names of the tensors whose gradients are taken. */
  readonly wanted: readonly string[];
  /** Batches over which gradients are averaged. */
  readonly batches: readonly Readonly<Record<string, Numbers>>[];
}

/** Gradients of a loss, and what they took. */
export interface LossGradients {
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** Floating-point operations of the matrix products; 0 where the engine does not count them. */
  readonly flops: number;
}

/** The mean gradients of a model's loss on a few batches, of the tensors that are wanted; nothing is learned. */
export async function lossGradients(
  engine: Engine,
  { batch, batches, layout, objective, wanted, weights }: LossGradientsOptions,
): Promise<LossGradients> {
  const asked = new Set(wanted);
  const specs = Object.entries(learnableSpecs(layout));
  const learnable = Object.fromEntries(specs.filter(([name]) => asked.has(name)));
  const frozen = Object.fromEntries(specs.filter(([name]) => !asked.has(name)));
  const program = gradientProgram({
    learnable,
    frozen,
    batch,
    loss: (tensors, fixed, feeds) =>
      objective.loss(mergedParameters(tensorParameters(tensors), tensorParameters(fixed)), feeds),
  });
  const values = [...weights].map(([name, data]): [string, Float32Array] => [
    name in learnable ? `learnable/${name}` : name,
    data,
  ]);
  const compiled = await engine.compile(program, { state: {}, frozen: Object.fromEntries(values) });
  try {
    const gradients = new Map<string, Float32Array>();
    for (const feeds of batches) {
      const outputs = await compiled.run(feeds);
      for (const name of asked) {
        const found = outputs[`gradient/${name}`] ?? [];
        const sum = gradients.get(name) ?? new Float32Array(found.length);
        gradients.set(
          name,
          sum.map((value, index) => value + (found[index] as number) / batches.length),
        );
      }
    }
    return { gradients, flops: compiled.info.matrixFlops * batches.length };
  } finally {
    await compiled.dispose();
  }
}
