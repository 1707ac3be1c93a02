import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { createOnnxEngine, createReferenceEngine, type Engine, type Program } from "../index.js";
import { fillKeepMask } from "./keep-mask.js";

const engines: readonly (readonly [string, Engine])[] = [
  createOnnxEngine({ threads: 1 }),
  createReferenceEngine(),
].map((engine) => [engine.name, engine]);

/** Hands back two masks, as numbers, and a third as products. */
const program = (rate: number): Program => ({
  state: {},
  frozen: {},
  inputs: {
    seed: { shape: [], dtype: "int32" },
    x: { shape: [2, 3], dtype: "float32" },
  },
  seed: 7,
  build({ inputs, masks }) {
    const first = masks.keep([40, 3], rate).toFloat();
    const second = masks.keep([5], 0.5).toInt();
    const third = masks.keep([2, 3], rate);
    return { outputs: { first, second, third: (inputs["x"] as tf.Tensor).mul(third.toFloat()) } };
  },
});

const mask = (size: number, rate: number, step: number, site: number): number[] => {
  const bytes = new Uint8Array(size);
  fillKeepMask(bytes, rate, { seed: 7, step, site });
  return [...bytes];
};

describe.each(engines)("masks on the %s engine", (_name, engine) => {
  it("follow from seed, step and place", async () => {
    const compiled = await engine.compile(program(0.25), { state: {}, frozen: {} });
    for (const step of [1, 2, 1]) {
      const outputs = await compiled.run({
        seed: Int32Array.of(step),
        x: Float32Array.of(1, 2, 3, 4, 5, 6),
      });
      expect([...(outputs["first"] ?? [])]).toEqual(mask(120, 0.25, step, 0));
      expect([...(outputs["second"] ?? [])]).toEqual(mask(5, 0.5, step, 1));
      const third = mask(6, 0.25, step, 2);
      expect([...(outputs["third"] ?? [])]).toEqual(third.map((kept, index) => kept * (index + 1)));
    }
    await compiled.dispose();
  });

  it("may be drawn and not used", async () => {
    const compiled = await engine.compile(
      {
        ...program(0.5),
        build({ inputs, masks }) {
          masks.keep([1000], 0.5);
          return { outputs: { x: (inputs["x"] as tf.Tensor).mul(masks.keep([3], 0.5).toFloat()) } };
        },
      },
      { state: {}, frozen: {} },
    );
    const x = Float32Array.of(1, 1, 1, 1, 1, 1);
    const outputs = await compiled.run({ seed: Int32Array.of(1), x });
    expect([...(outputs["x"] ?? [])]).toEqual([...mask(3, 0.5, 1, 1), ...mask(3, 0.5, 1, 1)]);
    await compiled.dispose();
  });

  const compileAndRun = async (made: Program): Promise<void> => {
    const compiled = await engine.compile(made, { state: {}, frozen: {} });
    await compiled.run({ seed: Int32Array.of(1), x: new Float32Array(6) });
  };

  it.each([0, 1, -0.1, 1.5, Number.NaN])("refuse a rate of %d", async (rate) => {
    await expect(compileAndRun(program(rate))).rejects.toMatchObject({ code: "engine/mask-rate" });
  });

  it("need a seed", async () => {
    const { seed: _seed, ...without } = program(0.5);
    await expect(compileAndRun(without)).rejects.toMatchObject({ code: "engine/no-seed" });
  });
});
