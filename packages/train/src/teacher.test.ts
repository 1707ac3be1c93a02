import { createOnnxEngine, createReferenceEngine, type Engine, type Numbers } from "@ligo/engine";
import { describe, expect, it } from "vitest";
import { toyBatch, toyInputs, toyLayout, toyObjective } from "./__fixtures__/toy-model.js";
import {
  createTrainer,
  initialWeights,
  type StepResult,
  type Teacher,
  type TrainerOptions,
  type Weights,
} from "./index.js";

const SIZES = { embed: 6, mlp: 8, layers: 2, tied: true };
const layout = toyLayout(SIZES);
const model = { layout, objective: toyObjective(SIZES), batch: toyBatch };
const start = (seed: number): Weights => initialWeights(layout, { seed, deviation: 0.3 });

/** Narrower and shallower than the student, and untied. */
const small = { embed: 3, mlp: 4, layers: 1, tied: false };
const teacherOf = (seed: number): Teacher => ({
  layout: toyLayout(small),
  objective: toyObjective(small),
  weights: initialWeights(toyLayout(small), { seed, deviation: 1 }),
  temperature: 2,
});
/** One that answers as the student does when it begins. */
const twin: Teacher = { ...model, weights: start(11), temperature: 2 };

const batchOf = (alpha: number): Record<string, Numbers> => ({
  ...toyInputs,
  distillation_alpha: Float32Array.of(alpha),
});

async function trained(
  engine: Engine,
  options: Partial<TrainerOptions>,
  batches: readonly (readonly Record<string, Numbers>[])[],
): Promise<{ results: StepResult[]; weights: Record<string, Float32Array> }> {
  const trainer = await createTrainer(engine, { ...model, weights: start(11), ...options });
  const results: StepResult[] = [];
  for (const batch of batches) results.push(await trainer.step(batch, 0.02));
  const weights = Object.fromEntries(await trainer.weights());
  await trainer.compiled.dispose();
  return { results, weights };
}

const engines = [createOnnxEngine({ threads: 1 }), createReferenceEngine()];

describe.each(engines.map((engine) => [engine.name, engine] as const))(
  "a teacher on the %s engine",
  (_name, engine) => {
    it("has no part in the loss at alpha 0, and stays as it is", async () => {
      const teacher = teacherOf(1);
      const before = new Map([...teacher.weights].map(([name, data]) => [name, data.slice()]));
      const taught = await trained(engine, { teacher }, [[batchOf(0)], [batchOf(0)]]);
      const plain = await trained(engine, {}, [[toyInputs], [toyInputs]]);
      expect(taught.results.map(({ loss }) => loss)).toBeAllClose(
        plain.results.map(({ loss }) => loss),
        { relative: 1e-6 },
      );
      for (const [name, data] of Object.entries(plain.weights)) {
        // gradients that are zero but for rounding still move Adam
        expect(taught.weights[name], name).toBeAllClose(data, { absolute: 1e-5 });
      }
      expect(teacher.weights).toEqual(before);
    });

    it("that answers like the student leaves no loss and no gradient at alpha 1", async () => {
      const { results } = await trained(engine, { teacher: twin }, [[batchOf(1)]]);
      expect(results[0]?.loss).toBeCloseTo(0, 5);
      expect(results[0]?.gradientNorm).toBeCloseTo(0, 5);
    });

    it("is followed: alpha weighs it against the labels", async () => {
      const teacher = teacherOf(1);
      const lossAt = async (alpha: number): Promise<number> => {
        const { results } = await trained(engine, { teacher }, [[batchOf(alpha)]]);
        return results[0]?.loss ?? Number.NaN;
      };
      const [labels, half, taught] = [await lossAt(0), await lossAt(0.5), await lossAt(1)];
      expect(half).toBeCloseTo((labels + taught) / 2, 5);
      expect(taught).toBeGreaterThan(0);
      const steps = Array.from({ length: 60 }, () => [batchOf(1)]);
      const { results } = await trained(engine, { teacher }, steps);
      expect(results.at(-1)?.loss).toBeLessThan(taught / 20);
    });
  },
);

describe("a teacher", () => {
  const engine = createOnnxEngine({ threads: 1 });
  const teacher = teacherOf(1);

  it("teaches every batch of an update", async () => {
    const once = await trained(engine, { teacher }, [[batchOf(0.5)]]);
    const twice = await trained(engine, { teacher, accumulate: 2 }, [[batchOf(0.5), batchOf(0.5)]]);
    for (const [name, data] of Object.entries(once.weights)) {
      // the mean of equal gradients, rounded
      expect(twice.weights[name], name).toBeAllClose(data, { absolute: 1e-6 });
    }
  });

  it("costs its forward pass", async () => {
    const flops = async (options: Partial<TrainerOptions>): Promise<number> => {
      const trainer = await createTrainer(engine, { ...model, weights: start(11), ...options });
      const { matrixFlops } = trainer.compiled.info;
      await trainer.compiled.dispose();
      return matrixFlops;
    };
    // two layers of 3 x 4 and a head of 7 x 3, of 8 tokens
    const forward = 2 * 8 * (2 * 3 * 4 + 7 * 3);
    expect(await flops({ teacher })).toBe((await flops({})) + forward);
    expect(await flops({ teacher, accumulate: 2 })).toBe(
      (await flops({ accumulate: 2 })) + 2 * forward,
    );
  });

  it("needs an objective that says what it compares", async () => {
    const { predict: _predict, ...objective } = model.objective;
    await expect(
      createTrainer(engine, { ...model, objective, weights: start(1), teacher }),
    ).rejects.toThrow("does not learn from a teacher");
  });
});
