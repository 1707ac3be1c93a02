import {
  gradualStacking,
  multiStageLayerwise,
  type MethodName,
  type Phase,
  type RawConfig,
} from "@ligo/core";
import { createOnnxEngine } from "@ligo/engine";
import { describe, expect, it } from "vitest";
import { toyBatch, toyInputs, toyLayout, toyObjective } from "./__fixtures__/toy-model.js";
import { trainPhases, type TrainPhasesOptions } from "./index.js";

const engine = createOnnxEngine();
const model: TrainPhasesOptions["model"] = async ({ layers = 0 }: RawConfig) => {
  const sizes = { embed: 3, mlp: 4, layers: Number(layers), tied: true };
  return { layout: toyLayout(sizes), objective: toyObjective(sizes) };
};
const run = (phases: readonly Phase[], more: Partial<TrainPhasesOptions> = {}) =>
  trainPhases(engine, {
    phases,
    steps: 40,
    model,
    batch: toyBatch,
    batchAt: () => toyInputs,
    schedule: () => 0.02,
    optimizer: { weightDecay: 0 },
    seed: 1,
    deviation: 0.5,
    ...more,
  });

describe("trainPhases", () => {
  it("stacks and trains on, over all steps", async () => {
    const phases = gradualStacking({ key: "layers", layers: [1, 2, 4] });
    const steps: string[] = [];
    const trained = await run(phases, {
      onStep: (step, _loss, { config }) => steps.push(`${step}:${String(config["layers"])}`),
    });
    expect(trained.layout.stacks["net"]?.layers).toBe(4);
    expect(trained.weights.has("layer.3.up")).toBe(true);
    expect(steps).toHaveLength(40);
    expect([steps[0], steps[4], steps[5], steps[11], steps[12]]).toEqual([
      "0:1",
      "4:1",
      "5:2",
      "11:2",
      "12:4",
    ]);
    expect(trained.losses.at(-1)).toBeLessThan(trained.losses[0]! - 0.5);
    expect(trained.flops).toBeGreaterThan(0);
  });

  it("is stacked exactly: without learning, all copies are the source", async () => {
    const { weights } = await run(gradualStacking({ key: "layers", layers: [1, 2, 4] }), {
      schedule: () => 0,
    });
    for (const layer of [1, 2, 3]) {
      expect(weights.get(`layer.${layer}.up`)).toEqual(weights.get("layer.0.up"));
    }
  });

  it("trains the layers on top alone, and all of them at the end", async () => {
    const phases = multiStageLayerwise({
      key: "layers",
      layers: [1, 2],
      below: ["^table$"],
      joint: 0.5,
    });
    const [first, top] = phases as [Phase, Phase, Phase];
    const half = { ...first, share: 0.5 };
    const before = await run([{ ...first, share: 1 }], { steps: 10 });
    const after = await run([half, { ...top, share: 0.5 }], { steps: 20 });
    for (const name of ["table", "layer.0.up", "layer.0.bias", "layer.0.down"]) {
      expect(after.weights.get(name), name).toEqual(before.weights.get(name));
    }
    expect(after.weights.get("layer.1.up")).not.toEqual(before.weights.get("layer.0.up"));
    expect(after.weights.get("norm.gain")).not.toEqual(before.weights.get("norm.gain"));
    expect(after.losses.at(-1)).toBeLessThan(after.losses[10]!);

    const all = await run(phases);
    expect(all.weights.get("table")).not.toEqual(before.weights.get("table"));
    expect(all.losses.at(-1)).toBeLessThan(after.losses[0]!);
  });

  it("costs less where the backward pass ends above what is frozen", async () => {
    const phase = { config: { layers: 2 }, share: 1 };
    const whole = await run([phase], { steps: 1 });
    const frozen = { layers: 1, outsideStacks: ["^table$"] };
    const part = await run([{ ...phase, frozen }], { steps: 1 });
    expect(part.losses).toEqual(whole.losses);
    expect(part.flops).toBeLessThan(whole.flops);
  });

  it("refuses methods that learn, and stops when told to", async () => {
    const phases = (method: MethodName): Phase[] => [
      { config: { layers: 1 }, share: 0.5 },
      { config: { layers: 2 }, share: 0.5, method },
    ];
    await expect(run(phases("ligo"))).rejects.toThrow("The method ligo learns");
    await expect(run([])).rejects.toMatchObject({ code: "plan/phases" });
    const signal = AbortSignal.abort(new Error("stopped"));
    await expect(run(phases("stack"), { signal })).rejects.toThrow("stopped");
  });
});
