import {
  createOnnxEngine,
  createReferenceEngine,
  type Engine,
  type TensorSpec,
} from "@ligo/engine";
import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { toyBatch, toyInputs, toyLayout, toyObjective } from "./__fixtures__/toy-model.js";
import { createTrainer, initialWeights, type StepResult, type TrainerOptions } from "./index.js";
import { createStepper, type Stepper, type StepperOptions } from "./stepper.js";

const engines: readonly Engine[] = [createOnnxEngine(), createReferenceEngine()];
const onnx = createOnnxEngine();
const RATE = 0.01;

const pair: TensorSpec = { shape: [2], dtype: "float32" };

/** Loss 1 and gradient 2^5: scaled by 2^127 the loss is finite and the gradient is not, scaled by 2^122 both are. */
const steep = (options: Partial<StepperOptions> = {}): StepperOptions => ({
  learnable: { x: { ...pair, decay: false } },
  frozen: {},
  frozenValues: {},
  batch: { weight: { shape: [], dtype: "float32" } },
  loss: ({ x }, _, { weight }) =>
    (x as tf.Tensor)
      .mul(2 ** 4)
      .square()
      .sum()
      .mul(weight as tf.Scalar),
  values: { x: Float32Array.of(2 ** -4, 0) },
  optimizer: { clipNorm: 1 },
  ...options,
});
const weight = { weight: Float32Array.of(1) };

const sizes = { embed: 6, mlp: 8, layers: 2, tied: true };
const toy = (options: Partial<TrainerOptions> = {}): TrainerOptions => {
  const layout = toyLayout(sizes);
  return {
    layout,
    objective: toyObjective(sizes),
    batch: toyBatch,
    weights: initialWeights(layout, { seed: 5, deviation: 0.3 }),
    ...options,
  };
};

/** Results of the toy model's steps, and all that the stepper keeps after them. */
async function trained(
  engine: Engine,
  options: Partial<TrainerOptions>,
  steps: number,
): Promise<{
  readonly results: readonly StepResult[];
  readonly state: Readonly<Record<string, Float32Array>>;
}> {
  const trainer = await createTrainer(engine, toy(options));
  const batches = Array.from({ length: options.accumulate ?? 1 }, () => toyInputs);
  const results: StepResult[] = [];
  for (let step = 0; step < steps; step++) results.push(await trainer.step(batches, RATE));
  const state = await trainer.compiled.read();
  await trainer.compiled.dispose();
  return { results, state };
}

/** State without the scale's own. */
const learned = (state: Readonly<Record<string, Float32Array>>): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(state).filter(([name]) => !name.startsWith("loss_scale/")));

describe.each(engines.map((engine) => [engine.name, engine] as const))(
  "a scaled loss on the %s engine",
  (_name, engine) => {
    it.each([1, 2])("changes no bit in float32, with %i batches an update", async (accumulate) => {
      const plain = await trained(engine, { accumulate }, 12);
      const scaled = await trained(engine, { accumulate, lossScale: { start: 2 ** 20 } }, 12);
      expect(learned(scaled.state)).toEqual(plain.state);
      expect(scaled.results).toEqual(
        plain.results.map((result) => ({ ...result, lossScale: 2 ** 20, skippedSteps: 0 })),
      );
      expect(Object.keys(plain.state).join()).not.toContain("loss_scale");
    });

    it.each([1, 2])(
      "skips updates whose gradient is not finite and halves, with %i batches an update",
      async (accumulate) => {
        const batches = Array.from({ length: accumulate }, () => weight);
        const run = async (options: Partial<StepperOptions>): Promise<Stepper> =>
          createStepper(engine, steep({ accumulate, ...options }));
        const stepper = await run({ lossScale: { start: 2 ** 127, interval: 3 } });
        const before = structuredClone(await stepper.compiled.read());
        for (let skipped = 1; skipped <= 5; skipped++) {
          const result = await stepper.step(batches, RATE);
          expect(result).toMatchObject({
            loss: 1,
            lossScale: 2 ** (128 - skipped),
            skippedSteps: skipped,
          });
          expect(Number.isFinite(result.gradientNorm)).toBe(false);
          expect(learned(await stepper.compiled.read())).toEqual(learned(before));
        }
        const plain = await run({});
        const scales: (number | undefined)[] = [];
        for (let step = 0; step < 4; step++) {
          const { lossScale, skippedSteps, ...result } = await stepper.step(batches, RATE);
          // the optimiser counts updates that were made: its bias correction begins with the first
          expect(result).toEqual(await plain.step(batches, RATE));
          expect(skippedSteps).toBe(5);
          scales.push(lossScale);
        }
        expect(scales.map((scale = 0) => Math.log2(scale))).toEqual([122, 122, 122, 123]);
        expect(learned(await stepper.compiled.read())).toEqual(await plain.compiled.read());
        await stepper.compiled.dispose();
        await plain.compiled.dispose();
      },
    );
  },
);

describe("training in half precision", () => {
  it("begins with a scale of 2^16, without which small gradients are lost", async () => {
    const tiny = (options: Partial<StepperOptions>): StepperOptions => ({
      learnable: { w: { shape: [2, 2], dtype: "float32", decay: false } },
      frozen: {},
      frozenValues: {},
      batch: { x: { shape: [1, 2], dtype: "float32" } },
      // the gradient of the product is 2^-26 everywhere: float16 begins at 2^-24
      loss: ({ w }, _, { x }) =>
        tf
          .matMul(x as tf.Tensor2D, w as tf.Tensor2D)
          .sum()
          .mul(2 ** -26),
      values: { w: new Float32Array(4) },
      precision: "f16",
      ...options,
    });
    const normOf = async (options: Partial<StepperOptions>): Promise<StepResult> => {
      const stepper = await createStepper(onnx, tiny(options));
      const result = await stepper.step({ x: Float32Array.of(3, 4) }, RATE);
      await stepper.compiled.dispose();
      return result;
    };
    expect((await normOf({ lossScale: { start: 1 } })).gradientNorm).toBe(0);
    const { gradientNorm, lossScale } = await normOf({});
    expect(lossScale).toBe(2 ** 16);
    expect(gradientNorm).toBeCloseTo(2 ** -26 * Math.sqrt(50), 14);
  });

  it.each([1, 2])("follows float32 with %i batches an update", async (accumulate) => {
    const single = await trained(onnx, { accumulate }, 30);
    const half = await trained(onnx, { accumulate, precision: "f16" }, 30);
    const losses = ({ results }: typeof single): number[] => results.map(({ loss }) => loss);
    // products are off by 2^-11 at most; thirty steps of AdamW with a high rate carry that on
    expect(losses(half)).toBeAllClose(losses(single), { relative: 5e-3 });
    expect(losses(half)).not.toEqual(losses(single));
    expect(losses(half)[29]).toBeLessThan(0.7 * (losses(half)[0] as number));
  });

  it.each([1, 2])(
    "goes on bit for bit from what it kept, scale included, with %i batches an update",
    async (accumulate) => {
      // high enough for products to overflow: some updates are skipped, and the scale rises again
      const options = {
        accumulate,
        precision: "f16",
        lossScale: { start: 2 ** 24, interval: 4 },
        dropout: { seed: 1 },
      } as const;
      const whole = await trained(onnx, options, 30);
      const first = await trained(onnx, options, 11);
      const rest = await trained(
        onnx,
        { ...options, start: { steps: 11, state: structuredClone(first.state) } },
        19,
      );
      expect([...first.results, ...rest.results]).toEqual(whole.results);
      expect(rest.state).toEqual(whole.state);
      const scales = new Set(whole.results.map(({ lossScale }) => lossScale));
      expect(scales.size).toBeGreaterThan(2);
      expect(whole.results.at(-1)?.skippedSteps).toBeGreaterThan(1);
    },
  );

  it("begins with a new scale where it goes on from float32, and leaves it behind", async () => {
    const single = await trained(onnx, {}, 3);
    const start = { steps: 3, state: single.state };
    const half = await trained(onnx, { precision: "f16", start }, 2);
    expect(half.results.map(({ lossScale }) => lossScale)).toEqual([2 ** 16, 2 ** 16]);
    const back = { start: { steps: 5, state: half.state } };
    expect(Object.keys((await trained(onnx, back, 1)).state)).toEqual(Object.keys(single.state));
  });
});
