import { createModel } from "@ligo/nn";
import { createPlan, createRandom } from "@ligo/core";
import { ligoOperator } from "@ligo/core/methods";
import type { Numbers } from "@ligo/engine";
import type { Objective } from "@ligo/nn";
import { createTrainer, learnOperator, type Stepper, type StepResult } from "@ligo/train";
import { describe, expect, it } from "vitest";
import { engine, inputs, labels, randomWeights, specs, tinyConfig } from "./__fixtures__/tiny.js";
import { bert, type BertConfig } from "./index.js";

const className = "BertForMaskedLM";
const batch: Readonly<Record<string, Numbers>> = { ...inputs, labels };
const small = tinyConfig({ num_hidden_layers: 3 });
const large = tinyConfig({
  num_hidden_layers: 5,
  hidden_size: 12,
  num_attention_heads: 3,
  intermediate_size: 20,
});
const objectiveOf = async (config: BertConfig): Promise<Objective> =>
  (await createModel(bert, config, className)).objectives["masked-lm"] as Objective;

interface Settings {
  readonly checkpointActivations?: boolean;
  readonly accumulate?: number;
}

const trainer = async (settings: Settings): Promise<Stepper> => {
  const layout = bert.layout(large, className);
  return createTrainer(engine, {
    layout,
    objective: await objectiveOf(large),
    batch: specs(batch),
    weights: randomWeights(layout, 1),
    ...settings,
  });
};
const learner = async (settings: Settings): Promise<Stepper> => {
  const plan = createPlan(bert.layout(small, className), bert.layout(large, className));
  return learnOperator(engine, {
    plan,
    operator: ligoOperator(plan, createRandom(2)),
    objective: await objectiveOf(large),
    batch: specs(batch),
    source: randomWeights(plan.source, 3),
    ...settings,
  });
};

/** Three updates on one batch, and the state after them. */
async function updates(stepper: Stepper, batches: number): Promise<[StepResult[], unknown]> {
  const results: StepResult[] = [];
  const given = batches === 1 ? batch : Array.from({ length: batches }, () => batch);
  for (let step = 0; step < 3; step++) results.push(await stepper.step(given, 0.01));
  const state = await stepper.compiled.read();
  await stepper.compiled.dispose();
  return [results, state];
}

describe.each([
  ["training", trainer],
  ["learning an operator", learner],
] as const)("%s", (_, create) => {
  it("gives the same bits where activations are computed anew", async () => {
    const kept = await create({});
    const recomputing = await create({ checkpointActivations: true });
    expect(recomputing.compiled.info.matrixFlops).toBeGreaterThan(kept.compiled.info.matrixFlops);
    // Never more than another forward pass, a third of a step.
    expect(recomputing.compiled.info.matrixFlops).toBeLessThan(
      (4 / 3) * kept.compiled.info.matrixFlops,
    );
    expect(await updates(recomputing, 1)).toEqual(await updates(kept, 1));
  });

  it.each([false, true])(
    "averages the gradients of several batches (activations computed anew: %s)",
    async (checkpointActivations) => {
      const once = await create({});
      const thrice = await create({ accumulate: 3, checkpointActivations });
      const [results, state] = await updates(once, 1);
      const [others, otherState] = await updates(thrice, 3);
      // A third added three times is one to float32 rounding.
      others.forEach(({ loss, gradientNorm }, step) => {
        expect(loss).toBeCloseTo(results[step]?.loss ?? 0, 5);
        expect(gradientNorm).toBeCloseTo(results[step]?.gradientNorm ?? 0, 4);
      });
      for (const [name, data] of Object.entries(state as Record<string, Float32Array>)) {
        // AdamW divides by the root of the second moment, which magnifies rounding where gradients are nearly zero.
        if (/_moment\//u.test(name)) continue;
        expect((otherState as Record<string, Float32Array>)[name], name).toBeAllClose(data, {
          absolute: 1e-3,
        });
      }
    },
  );
});

it("refuses a number of batches that an update does not take", async () => {
  const stepper = await trainer({ accumulate: 2 });
  await expect(stepper.step(batch, 0.1)).rejects.toThrow("takes 2 batches, not 1");
  await expect(trainer({ accumulate: 0 })).rejects.toThrow("1 batch or more, not 0");
  await stepper.compiled.dispose();
});
