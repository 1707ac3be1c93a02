import { createOnnxEngine, createReferenceEngine, type Engine, type Numbers } from "@ligo/engine";
import { expect, it } from "vitest";
import { toyBatch, toyInputs, toyLayout, toyObjective } from "./__fixtures__/toy-model.js";
import { createEvaluator, initialWeights, lossGradients, type LossGradients } from "./index.js";

const sizes = { embed: 6, mlp: 8, layers: 2, tied: true };
const layout = toyLayout(sizes);
const model = { layout, objective: toyObjective(sizes), batch: toyBatch };
const weights = initialWeights(layout, { seed: 1, deviation: 0.3 });
const wanted = ["layer.1.up", "table"];

const gradientsOf = (
  engine: Engine,
  batches: readonly Readonly<Record<string, Numbers>>[],
): Promise<LossGradients> => lossGradients(engine, { ...model, weights, wanted, batches });

it.each([createOnnxEngine(), createReferenceEngine()])(
  "the gradients of some tensors are slopes of the loss: $name",
  async (engine) => {
    const { gradients } = await gradientsOf(engine, [toyInputs]);
    expect([...gradients.keys()]).toEqual(wanted);
    // what is written there is copied into the evaluator's own arrays
    const own = new Map([...weights].map(([name, data]) => [name, data.slice()]));
    const evaluator = await createEvaluator(engine, { ...model, weights: own });
    const lossAt = async (name: string, entry: number, value: number): Promise<number> => {
      const changed = weights.get(name)!.slice();
      changed[entry]! += value;
      await evaluator.write(new Map(weights).set(name, changed));
      return (await evaluator.evaluate([toyInputs])).loss;
    };
    const step = 1e-2;
    for (const name of wanted)
      for (const entry of [0, 7, 20]) {
        const slope =
          ((await lossAt(name, entry, step)) - (await lossAt(name, entry, -step))) / (2 * step);
        // float32 losses leave 1e-5 of a slope, and the step's third order about as much
        expect(gradients.get(name)![entry]!, `${name} ${entry}`).toBeCloseTo(slope, 3);
      }
    await evaluator.compiled.dispose();
  },
);

it("are averaged over batches, whose operations are counted, and change no weights", async () => {
  const engine = createOnnxEngine();
  const before = weights.get("table")!.slice();
  const other = { ...toyInputs, input_ids: Int32Array.of(6, 5, 4, 3, 2, 1, 0, 6) };
  const [one, two, both] = [
    await gradientsOf(engine, [toyInputs]),
    await gradientsOf(engine, [other]),
    await gradientsOf(engine, [toyInputs, other]),
  ];
  const mean = one.gradients
    .get("table")!
    .map((value, index) => (value + two.gradients.get("table")![index]!) / 2);
  // sums in another order
  expect(both.gradients.get("table")!).toBeAllClose(mean, { absolute: 1e-7 });
  expect([one.flops > 0, both.flops]).toEqual([true, 2 * one.flops]);
  expect(weights.get("table")).toEqual(before);
});
