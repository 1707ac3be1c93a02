import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { webGpuEngine, webGpuName } from "../__fixtures__/webgpu-engine.js";
import { createDeviceMemory } from "../device-memory.js";
import { deviceValues } from "../device-values.js";
import { encodeModel } from "../onnx/model.js";
import type { Engine, Program } from "../program.js";
import { traceProgram } from "../trace/trace.js";
import { bindDevice, changedOutputs } from "./bind-device.js";
import { checkSizes } from "./check-sizes.js";
import { stepError } from "./step-error.js";
import { suitWebGpu } from "./suit-webgpu.js";

/** Adds a number to a state of some elements. */
const adder = (size: number): Program => ({
  state: { w: { shape: [size], dtype: "float32" } },
  frozen: {},
  inputs: { x: { shape: [], dtype: "float32" } },
  build: ({ state: { w }, inputs: { x } }) => {
    const sum = (w as tf.Tensor).add(x as tf.Tensor);
    return { state: { w: sum }, outputs: { mean: sum.mean() } };
  },
});

describe("errors of a device", () => {
  it.each([
    [
      "WebGPU validation failed. Buffer size (2457600000) exceeds the max buffer size limit (1073741824).",
      "engine/tensor-too-large",
      "2,457,600,000 bytes, more than the 1,073,741,824",
    ],
    ["Failed to create GPU buffer: size=4096", "engine/device-memory", "Take a smaller `batch`"],
    ["vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY", "engine/device-memory", "batch"],
    ["[Invalid Buffer (unlabeled)] is invalid.", "engine/device-memory", "checkpointActivations"],
    ["[Device] is lost.", "engine/device-lost", "What was saved before is intact"],
    ["vkQueueSubmit failed with VK_ERROR_DEVICE_LOST", "engine/device-lost", "go on from there"],
    ["Got invalid dimensions for input: x", "engine/run", "Got invalid dimensions"],
  ])("are told apart: %s", (said, code, message) => {
    const error = stepError(new Error(said));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it("leave the state of before", async () => {
    const program = adder(2);
    const traced = suitWebGpu(await traceProgram(program));
    const model = encodeModel(changedOutputs(traced.outputs), "returned");
    const memory = createDeviceMemory<Float32Array>({
      upload: (array) => array.slice(),
      download: (copy, into) => into.set(copy),
      release: () => undefined,
    });
    const w = Float32Array.of(1, 2);
    const values = deviceValues(memory, program, { state: { w }, frozen: {} });
    const session = { run: () => Promise.reject(new Error("[Device] is lost.")) };
    const step = bindDevice({ program, session, traced, model });
    const held = (await values.copies()) as unknown as Parameters<typeof step>[0];
    await expect(step(held, { x: Float32Array.of(1) })).rejects.toThrow("The device was lost");
    expect((await values.read(["w"]))["w"]).toEqual(Float32Array.of(1, 2));
  });
});

describe("sizes that a device must hold", () => {
  const model = async (program: Program): Promise<ReturnType<typeof encodeModel>> =>
    encodeModel(changedOutputs((await traceProgram(program)).outputs), "returned");
  const adapter = {
    name: "a small GPU",
    backend: "Vulkan",
    isSoftware: false,
    limits: { maxBufferBytes: 2 ** 29 },
  } as const;

  it("are refused by name and number before anything starts", async () => {
    const program = adder(2 ** 27 + 1);
    const checked = checkSizes(program, await model(program), async () => adapter);
    await expect(checked).rejects.toMatchObject({
      code: "engine/tensor-too-large",
      tensor: "w",
      expected: `at most ${2 ** 29} bytes`,
    });
  });

  it("are what the adapter has, and no adapter is looked for where all devices have them", async () => {
    const large = adder(2 ** 27);
    const held = checkSizes(large, await model(large), async () => adapter);
    await expect(held).resolves.toBeUndefined();
    const small = adder(2 ** 26);
    const looked = checkSizes(small, await model(small), () =>
      Promise.reject(new Error("looked for")),
    );
    await expect(looked).resolves.toBeUndefined();
  });
});

describe.skipIf(webGpuEngine === undefined)(`the device of ${webGpuName}`, () => {
  const engine = webGpuEngine as Engine;

  it("holds no more after 500 steps than after one", async () => {
    const size = 2 ** 18;
    const w = new Float32Array(size);
    const compiled = await engine.compile(adder(size), { state: { w }, frozen: {} });
    await compiled.run({ x: Float32Array.of(1) });
    const [before, resident] = [{ ...compiled.info.device }, process.memoryUsage().rss];
    for (let step = 1; step < 500; step++) await compiled.run({ x: Float32Array.of(1) });
    expect(compiled.info.device).toEqual(before);
    // a driver in software keeps its buffers in this process: 500 states would be 524 MB
    expect(process.memoryUsage().rss - resident).toBeLessThan(2 ** 28);
    expect((await compiled.read())["w"]?.[size - 1]).toBe(500);
    const { tensors = Number.NaN } = before;
    await compiled.dispose();
    expect(compiled.info.device?.tensors).toBe(tensors - 1);
  });

  it("takes what has more outputs than a shader has buffers", async () => {
    const program: Program = {
      state: {},
      frozen: {},
      inputs: { x: { shape: [40], dtype: "float32" } },
      build: ({ inputs: { x } }) => ({
        outputs: Object.fromEntries(
          tf.split(x as tf.Tensor, 40).map((part, index) => [`part${index}`, part.mul(index)]),
        ),
      }),
    };
    const compiled = await engine.compile(program, { state: {}, frozen: {} });
    const outputs = await compiled.run({ x: new Float32Array(40).fill(2) });
    expect(outputs["part39"]).toEqual(Float32Array.of(78));
    expect(compiled.info.usesHost).toBe(false);
    await compiled.dispose();
  });
});
