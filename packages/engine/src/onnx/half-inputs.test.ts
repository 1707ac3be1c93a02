import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { webGpuEngine, webGpuName } from "../__fixtures__/webgpu-engine.js";
import type { Program } from "../program.js";
import { traceProgram } from "../trace/trace.js";
import { bindDevice, changedOutputs, outputLocations } from "../webgpu/bind-device.js";
import { openSession } from "../webgpu/session.js";
import { suitWebGpu } from "../webgpu/suit-webgpu.js";
import { foldScales } from "./fold-scales.js";
import { takeHalves, type HalfInputs } from "./half-inputs.js";
import { inPrecision } from "./half-products.js";
import { encodeModel, type OnnxModel } from "./model.js";
import * as ort from "./onnxruntime.js";

const float = (...shape: readonly number[]) => ({ shape, dtype: "float32" as const });

/** Two layers in one tensor that a product takes flat, a table of which rows are taken, and a matrix. */
const program: Program = {
  state: {},
  frozen: { stack: float(2, 2, 2), table: float(2, 2), shared: float(2, 2), added: float(2, 2) },
  inputs: { depth: float(1, 2) },
  precision: "f16",
  unshared: ["stack", "table", "added"],
  build({ frozen, inputs }) {
    const depth = inputs["depth"] as tf.Tensor2D;
    const flat = (frozen["stack"] as tf.Tensor).reshape<tf.Tensor2D>([2, 4]);
    const mixed = tf.matMul(depth, flat).reshape<tf.Tensor2D>([2, 2]);
    const rows = (frozen["table"] as tf.Tensor2D).gather(tf.tensor1d([1, 0], "int32"));
    const added = frozen["added"] as tf.Tensor2D;
    const product = tf.matMul(tf.matMul(mixed, frozen["shared"] as tf.Tensor2D), added);
    return { outputs: { y: product.add(tf.matMul(mixed, rows)).add(added) } };
  },
};

async function halved(of: Program): Promise<HalfInputs & { readonly model: OnnxModel }> {
  const traced = inPrecision(of, foldScales(await traceProgram(of)), "native");
  const found = takeHalves(of, suitWebGpu(traced));
  return { ...found, model: encodeModel(changedOutputs(found.traced.outputs), "returned") };
}

describe("frozen tensors in half precision", () => {
  it("are those that nothing but products reads, and no other program", async () => {
    const { halves, model } = await halved(program);
    expect([...halves]).toEqual(["stack"]);
    expect(model.inputs.toSorted()).toEqual(
      "frozen/added frozen/shared frozen/table half/stack input/depth".split(" "),
    );
    const { unshared: _, ...shared } = program;
    expect((await halved(shared)).halves.size).toBe(0);
    expect((await halved({ ...program, precision: "f32" })).halves.size).toBe(0);
  });

  it("are multiplied as they come", async () => {
    const { model, traced } = await halved(program);
    const session = await ort.InferenceSession.create(model.bytes);
    const step = bindDevice({ program, session, traced, model });
    const tensor = (...numbers: readonly number[]): ort.Tensor =>
      new ort.Tensor("float32", Float32Array.from(numbers), [2, 2]);
    // 1, 2, -1, 0.5 and twice 1, 0, 0, 1, as IEEE 754 writes them in 16 bits
    const stack = Uint16Array.from(
      [
        [0x3c00, 0x4000, 0xbc00, 0x3800],
        [0x4000, 0x0000, 0x0000, 0x4000],
      ].flat(),
    );
    const frozen = {
      stack: new ort.Tensor("float16", stack, [2, 2, 2]),
      table: tensor(1, 0, 0, 1),
      shared: tensor(1, 1, 0, 1),
      added: tensor(1, 0, 0, 1),
    };
    const { results } = await step({ state: {}, frozen }, { depth: Float32Array.of(2, 1) });
    await session.release();
    // mixed [4 4; -2 3], times [1 1; 0 1] gives [4 8; -2 1], its columns exchanged [4 4; 3 -2], and 1 on the diagonal
    expect([...(results["y"] ?? [])]).toEqual([9, 12, 1, 0]);
  });
});

describe.skipIf(webGpuEngine === undefined)(
  `frozen tensors in half precision on ${webGpuName}`,
  () => {
    it("leave nothing to the CPU", async () => {
      const { model } = await halved(program);
      const { session, usesHost } = await openSession(model.bytes, {
        locations: outputLocations(model),
      });
      await session.release();
      expect(usesHost).toBe(false);
    });
  },
);
