import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { createDraw, runOnce, type Given } from "../__fixtures__/programs.js";
import { nativeEngine } from "../__fixtures__/native-engine.js";
import { webGpuEngine, webGpuName } from "../__fixtures__/webgpu-engine.js";
import type { Engine, Program } from "../program.js";
import { createReferenceEngine } from "../reference-engine.js";
import { reachable } from "../trace/graph.js";
import { traceProgram, type TracedProgram } from "../trace/trace.js";
import { outputLocations } from "../webgpu/bind-device.js";
import { openSession } from "../webgpu/session.js";
import { suitWebGpu } from "../webgpu/suit-webgpu.js";
import { foldScales } from "./fold-scales.js";
import { halfProducts } from "./half-products.js";
import { encodeModel } from "./model.js";
import { createOnnxEngine } from "./onnx-engine.js";

const float32 = (shape: readonly number[], ...data: readonly number[]): Given => ({
  shape,
  dtype: "float32",
  data: Float32Array.from(data),
});

const half = (build: Program["build"]): Program => ({
  state: {},
  frozen: { w: { shape: [8, 8], dtype: "float32" } },
  inputs: { x: { shape: [4, 8], dtype: "float32" } },
  precision: "f16",
  build,
});

/** Three products with one operand, of which one goes into the next, and attention's scaled one of batches. */
const chained = half(({ frozen, inputs }) => {
  const [w, x] = [frozen["w"] as tf.Tensor2D, inputs["x"] as tf.Tensor2D];
  const once = tf.matMul(x, w);
  const heads = x.reshape<tf.Tensor3D>([2, 4, 4]);
  const scores = tf.matMul(heads, heads, false, true).mul(0.3);
  return {
    outputs: { y: tf.matMul(once.transpose(), x), z: tf.matMul(x, w, false, true), scores },
  };
});

const traced = async (program: Program): Promise<TracedProgram> =>
  halfProducts(foldScales(await traceProgram(program)), "native");

describe("products in half precision", () => {
  it("rounds operands and results to float16 on the CPU, and not the scale", async () => {
    // beside 1, float16 has 1 + 2^-10 next; 2^-11 lies halfway between and goes to the even of both
    const y = async (a: number, b: number): Promise<number | undefined> =>
      (
        await runOnce(
          createOnnxEngine(),
          { a: float32([1, 2], a, b), ones: float32([2, 1], 1, 1) },
          ({ a: left, ones }) => ({
            y: tf.matMul(left as tf.Tensor2D, ones as tf.Tensor2D).mul(0.3),
          }),
          "f16",
        )
      )["y"]?.[0];
    const scale = Math.fround(0.3);
    expect(await y(1 + 2 ** -12, 0)).toBe(scale);
    expect(await y(1, 2 ** -11)).toBe(scale);
    expect(await y(1, 2 ** -11 + 2 ** -20)).toBe(Math.fround(scale * (1 + 2 ** -10)));
    expect(await y(2 ** -26, 0)).toBe(0);
    expect(await y(65504, 0)).toBe(Math.fround(scale * 65504));
    expect(await y(65504, 65504)).toBe(Number.POSITIVE_INFINITY);
  });

  it("is as near to float32 as float16 allows", async () => {
    const draw = createDraw(3);
    const givens = { a: draw.floats([5, 12, 40]), b: draw.floats([5, 40, 9]) };
    const results = [];
    for (const precision of ["f32", "f16"] as const)
      results.push(
        await runOnce(
          createOnnxEngine(),
          givens,
          ({ a, b }) => ({ y: tf.matMul(a as tf.Tensor3D, b as tf.Tensor3D) }),
          precision,
        ),
      );
    const [single, rounded] = results.map(({ y }) => y as Float32Array) as [
      Float32Array,
      Float32Array,
    ];
    const errors = rounded.map((number, index) => Math.abs(number - (single[index] as number)));
    // each of 40 terms of about 1 is off by 2^-11 twice, in any direction, and the sum once more
    expect(Math.max(...errors)).toBeLessThan(4 * Math.sqrt(40) * 2 ** -10);
    expect(Math.max(...errors)).toBeGreaterThan(2 ** -12);
  });

  it("rounds an operand once for all its products, and widens no result on its way into another", async () => {
    const nodes = reachable(Object.values((await traced(chained)).outputs));
    const count = (...types: readonly string[]): number =>
      nodes.filter(
        ({ operation, inputs, outputs }) =>
          operation === "Cast" && `${inputs[0]?.type} ${outputs[0]?.type}` === types.join(" "),
      ).length;
    expect(nodes.filter(({ outputs }) => outputs[0]?.type === "float16")).toHaveLength(3 + 4);
    // x and its view as heads, and w; the three results
    expect(count("float32", "float16")).toBe(3);
    expect(count("float16", "float32")).toBe(3);
  });

  it("leaves float32 alone", async () => {
    const operations = async (program: Program): Promise<number> => {
      const compiled = await createOnnxEngine().compile(program, {
        state: {},
        frozen: { w: new Float32Array(64) },
      });
      await compiled.dispose();
      return compiled.info.operations;
    };
    const { precision: _, ...plain } = chained;
    expect(await operations({ ...plain, precision: "f32" })).toBe(await operations(plain));
    expect(await operations(chained)).toBeGreaterThan(await operations(plain));
  });

  it.each(
    [createReferenceEngine(), ...(nativeEngine ? [nativeEngine] : [])].map(
      (engine) => [engine.name, engine] as const,
    ),
  )("%s refuses it before anything is computed", async (name, engine) => {
    const values = { state: {}, frozen: { w: new Float32Array(64) } };
    await expect(engine.compile(chained, values)).rejects.toMatchObject({
      code: "engine/no-half",
      message: expect.stringContaining(
        `${name} cannot multiply matrices in half precision`,
      ) as string,
    });
  });
});

describe.skipIf(webGpuEngine === undefined)(`products in half precision on ${webGpuName}`, () => {
  it("are all left to the device", async () => {
    const model = encodeModel(suitWebGpu(await traced(chained)).outputs, "returned");
    const { session, usesHost } = await openSession(model.bytes, {
      locations: outputLocations(model),
    });
    await session.release();
    expect(usesHost).toBe(false);
  });

  it("are those of onnx, or refused where the device has no float16", async () => {
    const frozen = { w: createDraw(5).floats([8, 8]).data as Float32Array };
    const inputs = { x: createDraw(6).floats([4, 8]).data };
    const outputs = async (engine: Engine): Promise<readonly number[]> => {
      const compiled = await engine.compile(chained, { state: {}, frozen });
      const results = await compiled.run(inputs);
      await compiled.dispose();
      return Object.values(results).flatMap((numbers) => [...numbers]);
    };
    const expected = await outputs(createOnnxEngine());
    const found = await outputs(webGpuEngine as Engine).catch((error: unknown) => error);
    if (Array.isArray(found)) {
      // sums of eight terms of about 1 that may be made in float16
      for (const [index, number] of expected.entries())
        expect(Math.abs(number - (found[index] as number))).toBeLessThan(8 * 2 ** -9);
      return;
    }
    expect(found).toMatchObject({
      code: "engine/no-half",
      message: expect.stringMatching(/shader-f16.*`precision: "f32"`/u) as string,
    });
  });
});
