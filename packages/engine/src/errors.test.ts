import { LigoError } from "@ligo/core";
import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { runOnce, type Build, type Givens } from "./__fixtures__/programs.js";
import { EngineError } from "./engine-error.js";
import { createOnnxEngine } from "./onnx/onnx-engine.js";
import type { Engine, Numbers, Program, ProgramValues, Tensors } from "./program.js";
import { nativeEngine } from "./__fixtures__/native-engine.js";
import { webGpuEngine } from "./__fixtures__/webgpu-engine.js";
import { createReferenceEngine } from "./reference-engine.js";

const onnx = createOnnxEngine({ threads: 1 });
const engines: readonly Engine[] = [
  onnx,
  createReferenceEngine(),
  ...(nativeEngine ? [nativeEngine] : []),
  ...(webGpuEngine ? [webGpuEngine] : []),
];
const each = engines.map((engine) => [engine.name, engine] as const);

const givens: Givens = {
  x: { shape: [2, 2], dtype: "float32", data: Float32Array.of(1, 2, 3, 4) },
  ids: { shape: [2], dtype: "int32", data: Int32Array.of(1, 0) },
};

/** A program that adds its input to its state. */
const adder = (state: (tensors: { state: Tensors; inputs: Tensors }) => Tensors): Program => ({
  state: { w: { shape: [2, 2], dtype: "float32" } },
  frozen: { f: { shape: [3], dtype: "float32" } },
  inputs: { x: { shape: [2, 2], dtype: "float32" }, ids: { shape: [2], dtype: "int32" } },
  build: (tensors) => ({ state: state(tensors), outputs: {} }),
});
const plain = adder(({ state, inputs }) => ({ w: state["w"]!.add(inputs["x"]!) }));
const values = (): ProgramValues => ({
  state: { w: new Float32Array(4) },
  frozen: { f: new Float32Array(3) },
});
const inputs = { x: Float32Array.of(1, 2, 3, 4), ids: Int32Array.of(0, 1) };

const withCode = (code: string, ...texts: string[]): Error =>
  expect.objectContaining({
    code,
    message: expect.stringMatching(
      new RegExp(texts.map((text) => `(?=.*${text.replaceAll("[", "\\[")})`).join("")),
    ) as string,
  }) as Error;

describe.each(each)("what the %s engine refuses", (_name, engine) => {
  it.each<[string, ProgramValues, string, string[]]>([
    ["a missing state tensor", { ...values(), state: {} }, "engine/missing", ["state", "w"]],
    ["a missing frozen tensor", { ...values(), frozen: {} }, "engine/missing", ["frozen", "f"]],
    [
      "a state tensor of another size",
      { ...values(), state: { w: new Float32Array(3) } },
      "engine/wrong-input",
      ["state", "w", "float32 [2,2]", "3 numbers"],
    ],
    [
      "a frozen tensor of another type",
      { ...values(), frozen: { f: new Int32Array(3) as unknown as Float32Array } },
      "engine/wrong-input",
      ["frozen", "f", "int32"],
    ],
  ])("compiling with %s", async (_case, given, code, texts) => {
    await expect(engine.compile(plain, given)).rejects.toThrow(withCode(code, ...texts));
  });

  it.each<[string, Record<string, Numbers>, string, string[]]>([
    ["a missing input", { x: inputs.x }, "engine/missing", ["input", "ids", "missing"]],
    [
      "an input of another size",
      { ...inputs, x: new Float32Array(5) },
      "engine/wrong-input",
      ["x", "5 numbers"],
    ],
    [
      "integers for floats",
      { ...inputs, x: new Int32Array(4) },
      "engine/wrong-input",
      ["x", "is int32"],
    ],
    [
      "floats for integers",
      { ...inputs, ids: new Float32Array(2) },
      "engine/wrong-input",
      ["ids", "is float32"],
    ],
    [
      "an array of no type it knows",
      { ...inputs, ids: new Float64Array(2) as unknown as Int32Array },
      "engine/wrong-input",
      ["ids", "Float64Array"],
    ],
  ])("running with %s, after which it still runs", async (_case, given, code, texts) => {
    const compiled = await engine.compile(plain, values());
    await expect((async () => compiled.run(given))()).rejects.toThrow(withCode(code, ...texts));
    await compiled.run(inputs);
    expect((await compiled.read())["w"]).toEqual(inputs.x);
    await compiled.dispose();
  });

  it.each<[string, Partial<ProgramValues>, string, string[]]>([
    [
      "a state tensor it does not have",
      { state: { v: new Float32Array(4) } },
      "engine/missing",
      ["no state tensor v"],
    ],
    [
      "a frozen tensor that every object has",
      { frozen: { toString: new Float32Array(3) } },
      "engine/missing",
      ["no frozen tensor toString"],
    ],
    [
      "a state tensor of another size",
      { state: { w: new Float32Array(5) } },
      "engine/wrong-input",
      ["state", "w", "float32 [2,2]", "5 numbers"],
    ],
    [
      "a frozen tensor of another type, beside a state tensor",
      {
        state: { w: Float32Array.of(9, 9, 9, 9) },
        frozen: { f: new Int32Array(3) as unknown as Float32Array },
      },
      "engine/wrong-input",
      ["frozen", "f", "is int32"],
    ],
  ])("writing %s, and then writes nothing", async (_case, given, code, texts) => {
    const compiled = await engine.compile(plain, values());
    await expect(compiled.write(given)).rejects.toThrow(withCode(code, ...texts));
    expect(await compiled.read()).toEqual({ w: new Float32Array(4) });
    await compiled.dispose();
  });

  it.each(["v", "f", "toString"])("reading %s, which is no state tensor", async (name) => {
    const compiled = await engine.compile(plain, values());
    await expect(compiled.read(["w", name])).rejects.toThrow(
      withCode("engine/missing", `no state tensor ${name}`),
    );
    await compiled.dispose();
  });

  it("anything while a step runs, and a step or a write while something is read", async () => {
    const compiled = await engine.compile(plain, values());
    /** What becomes of calls that are made at once. */
    const together = async (...calls: readonly Promise<unknown>[]): Promise<readonly unknown[]> =>
      (await Promise.allSettled(calls)).map((call) =>
        call.status === "fulfilled" ? call.value : (call.reason as EngineError).code,
      );
    const { read, run, write } = compiled;
    expect(await together(run(inputs), run(inputs), read(), write({}))).toEqual([
      {},
      "engine/busy",
      "engine/busy",
      "engine/busy",
    ]);
    expect(await together(read(), read(["w"]), run(inputs), write({}))).toEqual([
      { w: inputs.x },
      { w: inputs.x },
      "engine/busy",
      "engine/busy",
    ]);
    expect(await together(write({}), read(), run(inputs))).toEqual([
      undefined,
      "engine/busy",
      "engine/busy",
    ]);
    await compiled.run(inputs);
    expect(await compiled.read()).toEqual({ w: Float32Array.of(2, 4, 6, 8) });
    await compiled.dispose();
  });

  it("anything after the end, which comes once", async () => {
    const compiled = await engine.compile(plain, values());
    await compiled.dispose();
    const disposed = withCode("engine/disposed");
    await expect(compiled.run(inputs)).rejects.toThrow(disposed);
    await expect(compiled.read()).rejects.toThrow(disposed);
    await expect(compiled.write({})).rejects.toThrow(disposed);
    await compiled.dispose();
  });

  it.each<[string, (w: tf.Tensor) => Tensors, string[]]>([
    ["an unknown name", (w) => ({ w, other: w }), ["other", "a declared state tensor"]],
    ["a name every object has", (w) => ({ toString: w }), ["toString", "a declared state tensor"]],
    ["another size", (w) => ({ w: w.sum() }), ["w", "float32 []", "float32 [2,2]"]],
    ["another type", (w) => ({ w: w.toInt() }), ["w", "int32 [2,2]", "float32 [2,2]"]],
  ])("a step that returns state of %s", async (_case, state, texts) => {
    const program = adder((tensors) => state(tensors.state["w"]!));
    const attempt = async (): Promise<unknown> =>
      (await engine.compile(program, values())).run(inputs);
    await expect(attempt()).rejects.toThrow(withCode("engine/state-shape", ...texts));
  });

  it("with errors that carry what was wrong", async () => {
    const error: unknown = await engine
      .compile(plain, { ...values(), state: { w: new Float32Array(3) } })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EngineError);
    expect(LigoError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({
      tensor: "w",
      expected: "float32 [2,2]",
      actual: "float32, 3 numbers",
    });
  });
});

describe("what cannot be traced", () => {
  const foreign = async (make: () => tf.Tensor): Promise<tf.Tensor> => {
    await tf.setBackend("cpu");
    return make();
  };

  it.each<[string, Build, string, string[]]>([
    [
      "data read at once",
      ({ x }) => ({ y: tf.scalar(x!.dataSync()[0] as number) }),
      "engine/traced-read",
      ["dataSync"],
    ],
    [
      "data read as an array",
      ({ x }) => ({ y: tf.tensor(x!.arraySync()) }),
      "engine/traced-read",
      [],
    ],
    [
      "an op without kernel",
      ({ x }) => ({
        y: tf.conv2d(x!.reshape([1, 2, 2, 1]), tf.ones([1, 1, 1, 1]), 1, "same"),
      }),
      "engine/unsupported",
      ["Conv2D"],
    ],
    [
      "an op without kernel in a gradient",
      ({ x }) => ({ y: tf.grad((z) => z.prod())(x!) }),
      "engine/unsupported",
      ["Prod"],
    ],
    [
      "a batched gather",
      ({ x, ids }) => ({ y: tf.gather(x!, ids!.reshape([2, 1]), 1, 1) }),
      "engine/unsupported",
      [],
    ],
    [
      "a fused activation",
      ({ x }) => ({
        y: tf.fused.matMul({ a: x as tf.Tensor2D, b: x as tf.Tensor2D, activation: "relu" }),
      }),
      "engine/unsupported",
      ["activation"],
    ],
    ["a leaky step", ({ x }) => ({ y: tf.step(x!, 0.1) }), "engine/unsupported", []],
    [
      "a cast to complex numbers",
      ({ x }) => ({ y: x!.cast("complex64") }),
      "engine/unsupported",
      ["complex64"],
    ],
    [
      "a reshape to another size",
      ({ x }) => ({ y: x!.reshape([3]) }),
      "engine/shape",
      ["[2,2] to [3]"],
    ],
    [
      "shapes that do not broadcast",
      ({ x }) => ({ y: x!.add(tf.ones([3])) }),
      "engine/shape",
      ["[2,2] and [3]"],
    ],
    [
      "a product of other sizes",
      ({ x }) => ({ y: tf.matMul(x as tf.Tensor2D, tf.ones([2, 3]), false, true) }),
      "engine/shape",
      ["[2,2] by [2,3] transposed"],
    ],
    ["a constant of text", () => ({ y: tf.tensor1d(["a"]) }), "engine/constant", ["string"]],
  ])("%s", async (_case, build, code, texts) => {
    await expect(runOnce(onnx, givens, build)).rejects.toThrow(withCode(code, ...texts));
    expect(tf.getBackend()).not.toContain("trace");
  });

  it("tensors made outside of the step", async () => {
    const outside = await foreign(() =>
      tf.tensor2d([
        [1, 2],
        [3, 4],
      ]),
    );
    const code = withCode("engine/foreign-tensor", "[2,2]", "Declare it");
    await expect(runOnce(onnx, givens, ({ x }) => ({ y: x!.add(outside) }))).rejects.toThrow(code);
    await expect(runOnce(onnx, givens, () => ({ y: outside }))).rejects.toThrow(code);
    outside.dispose();
  });

  it("tensors kept from another trace", async () => {
    let kept: tf.Tensor | undefined;
    await runOnce(onnx, givens, ({ x }) => {
      kept ??= tf.keep(x!.exp());
      return { y: kept };
    });
    await expect(runOnce(onnx, givens, ({ x }) => ({ y: x!.add(kept!) }))).rejects.toThrow(
      withCode("engine/foreign-tensor"),
    );
    kept?.dispose();
  });
});

describe("a compiled program on onnx", () => {
  it("tells which step onnxruntime could not run", async () => {
    const build: Build = ({ x, ids }) => ({ y: tf.gather(x!, ids as tf.Tensor1D) });
    const far = {
      ...givens,
      ids: { shape: [2], dtype: "int32" as const, data: Int32Array.of(0, 7) },
    };
    await expect(runOnce(onnx, far, build)).rejects.toThrow(withCode("engine/run", "indices"));
  });
});
