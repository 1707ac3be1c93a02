import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { createOnnxEngine } from "./onnx/onnx-engine.js";
import type { Engine, Program } from "./program.js";
import { nativeEngine, nativeName } from "./__fixtures__/native-engine.js";
import { webGpuEngine, webGpuName } from "./__fixtures__/webgpu-engine.js";
import { runOnce } from "./__fixtures__/programs.js";
import { createReferenceEngine } from "./reference-engine.js";

const numbers = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898 + seed));

/** Linear regression with momentum: enough to have matrix products, gradients and in-place state. */
const program: Program = {
  state: { w: { shape: [3, 4], dtype: "float32" }, momentum: { shape: [3, 4], dtype: "float32" } },
  frozen: { target: { shape: [5, 4], dtype: "float32" } },
  inputs: { x: { shape: [5, 3], dtype: "float32" }, rate: { shape: [], dtype: "float32" } },
  build: ({ state, frozen, inputs }) => {
    const { value, grads } = tf.valueAndGrads((w: tf.Tensor) => {
      const prediction = tf.matMul(inputs["x"] as tf.Tensor2D, w);
      return prediction
        .sub(frozen["target"] as tf.Tensor)
        .square()
        .mean();
    })([state["w"] as tf.Tensor]);
    const momentum = (state["momentum"] as tf.Tensor).mul(0.9).add(grads[0] as tf.Tensor);
    return {
      state: {
        w: (state["w"] as tf.Tensor).sub(momentum.mul(inputs["rate"] as tf.Tensor)),
        momentum,
      },
      outputs: { loss: value },
    };
  },
};

/** The loss alone, of what is trained above as a frozen tensor of another shape. */
const evaluation: Program = {
  state: {},
  frozen: { v: { shape: [12], dtype: "float32" }, target: { shape: [5, 4], dtype: "float32" } },
  inputs: { x: { shape: [5, 3], dtype: "float32" } },
  build: ({ frozen, inputs }) => {
    const w = (frozen["v"] as tf.Tensor).reshape([3, 4]) as tf.Tensor2D;
    const prediction = tf.matMul(inputs["x"] as tf.Tensor2D, w);
    const loss = prediction
      .sub(frozen["target"] as tf.Tensor)
      .square()
      .mean();
    return { outputs: { loss } };
  },
};

const fromStart = (): { readonly state: Record<"w" | "momentum", Float32Array> } => ({
  state: { w: numbers(12, 1), momentum: new Float32Array(12) },
});

const startingValues = (): ReturnType<typeof fromStart> & {
  readonly frozen: { readonly target: Float32Array };
} => ({ ...fromStart(), frozen: { target: numbers(20, 2) } });

async function losses(
  engine: Engine,
): Promise<{ losses: number[]; w: Float32Array; inPlace: number }> {
  const values = startingValues();
  const compiled = await engine.compile(program, values);
  const seen: number[] = [];
  for (let step = 0; step < 5; step++) {
    const outputs = await compiled.run({ x: numbers(15, 3), rate: Float32Array.of(0.1) });
    seen.push((outputs["loss"] as Float32Array)[0] as number);
  }
  await compiled.read();
  await compiled.dispose();
  return { losses: seen, w: values.state.w, inPlace: compiled.info.inPlace };
}

const engines: readonly Engine[] = [createOnnxEngine(), createReferenceEngine()];
const contract: readonly (readonly [string, Engine | undefined])[] = [
  ...engines.map((engine) => [engine.name, engine] as const),
  [nativeName, nativeEngine],
  [webGpuName, webGpuEngine],
];

describe("engines", () => {
  it("agree on losses and state", async () => {
    const reference = await losses(createReferenceEngine());
    const onnx = await losses(createOnnxEngine());
    onnx.losses.forEach((loss, step) =>
      expect(loss).toBeCloseTo(reference.losses[step] as number, 6),
    );
    // float32 sums in another order
    expect(onnx.w).toBeAllClose(reference.w, { absolute: 1e-6 });
    expect(onnx.inPlace).toBe(2);
  });

  it("tell what they compiled", async () => {
    const values = startingValues();
    const { info, dispose } = await createOnnxEngine().compile(program, values);
    await dispose();
    // x w and x^T dy, of [5, 3] and [3, 4]
    expect(info.matrixFlops).toBe(2 * (2 * 5 * 3 * 4));
    expect(info).toMatchObject({ inPlace: 2, copied: 0 });
    expect(info.operations).toBeGreaterThan(4);
    expect(info.compileSeconds).toBeGreaterThan(0);
  });
});

for (const [name, tested] of contract) {
  describe.skipIf(tested === undefined)(`the ${name} engine`, () => {
    const engine = tested as Engine;

    it("repeats a run bit for bit", async () => {
      const [first, second] = [await losses(engine), await losses(engine)];
      expect(second.losses).toEqual(first.losses);
      expect(second.w).toEqual(first.w);
      expect(new Set(first.losses).size).toBe(5);
    });

    it("updates the caller's arrays and no others", async () => {
      const values = startingValues();
      const compiled = await engine.compile(program, values);
      expect((await compiled.read())["w"]).toBe(values.state.w);
      expect(values).toEqual(startingValues());
      const x = numbers(15, 3);
      const outputs = await compiled.run({ x, rate: Float32Array.of(0.1) });
      const [loss] = outputs["loss"] as Float32Array;
      expect(Object.keys(await compiled.read(["w"]))).toEqual(["w"]);
      expect(values.state.w).not.toEqual(numbers(12, 1));
      const { momentum } = await compiled.read();
      expect(momentum).toBe(values.state.momentum);
      expect(momentum).not.toEqual(new Float32Array(12));
      expect([values.frozen.target, x]).toEqual([numbers(20, 2), numbers(15, 3)]);
      // Results are the caller's to keep: a later step must not change them.
      await compiled.run({ x, rate: Float32Array.of(0.1) });
      expect((outputs["loss"] as Float32Array)[0]).toBe(loss);
      await compiled.dispose();
    });

    it("takes what is written into its state and frozen tensors, from any array", async () => {
      const values = startingValues();
      const compiled = await engine.compile(program, values);
      const inputs = { x: numbers(15, 3), rate: Float32Array.of(0.1) };
      const first = await compiled.run(inputs);
      const w = numbers(12, 1);
      values.state.momentum.fill(0);
      await compiled.write({ state: { w, momentum: values.state.momentum } });
      expect((await compiled.read())["w"]).toBe(values.state.w);
      expect(await compiled.run(inputs)).toEqual(first);
      // the array it was copied from is the caller's alone
      expect(w).toEqual(numbers(12, 1));
      await compiled.write({ frozen: { target: new Float32Array(20) }, ...fromStart() });
      expect(values.frozen.target).toEqual(new Float32Array(20));
      expect(await compiled.run(inputs)).not.toEqual(first);
      values.frozen.target.set(numbers(20, 2));
      await compiled.write({ frozen: values.frozen, ...fromStart() });
      expect(await compiled.run(inputs)).toEqual(first);
      await compiled.dispose();
    });

    it("sees what was written to an array before it was handed over again", async () => {
      const values = startingValues();
      const compiled = await engine.compile(program, values);
      const inputs = { x: numbers(15, 3), rate: Float32Array.of(0) };
      const first = await compiled.run(inputs);
      values.frozen.target.fill(0);
      const again = await engine.compile(program, values);
      expect(await again.run(inputs)).not.toEqual(first);
      await again.dispose();
      await compiled.dispose();
    });

    it("shares what programs do to the same array", async () => {
      const values = startingValues();
      const trained = await engine.compile(program, values);
      const judged = await engine.compile(evaluation, {
        state: {},
        frozen: { v: values.state.w, target: values.frozen.target },
      });
      const x = numbers(15, 3);
      const losses: unknown[] = [];
      for (let step = 0; step < 3; step++) {
        const before = await judged.run({ x });
        losses.push(before["loss"]);
        expect((await trained.run({ x, rate: Float32Array.of(0.1) }))["loss"]).toBeAllClose(
          before["loss"],
          { relative: 1e-6 },
        );
      }
      expect(new Set(losses.map(String)).size).toBe(3);
      await judged.write({ frozen: { v: numbers(12, 1) } });
      expect((await trained.read(["w"]))["w"]).toEqual(numbers(12, 1));
      expect((await judged.run({ x }))["loss"]).toEqual(losses[0]);
      await trained.dispose();
      expect((await judged.run({ x }))["loss"]).toEqual(losses[0]);
      await judged.dispose();
    });

    it("leaves no tensors behind", async () => {
      await tf.ready();
      const before = tf.memory().numTensors;
      await losses(engine);
      expect(tf.memory().numTensors).toBe(before);
      const broken: Program = { ...program, build: (tensors) => (program.build(tensors), fail()) };
      const values = startingValues();
      await expect(async () => {
        const compiled = await engine.compile(broken, values);
        try {
          await compiled.run({ x: numbers(15, 3), rate: Float32Array.of(0.1) });
        } finally {
          await compiled.dispose();
        }
      }).rejects.toThrow("broken on purpose");
      expect(tf.memory().numTensors).toBe(before);
    });

    it("hands conditions back as whole numbers", async () => {
      const x = { shape: [3], dtype: "float32" as const, data: Float32Array.of(-1, 0, 1) };
      const outputs = await runOnce(engine, { x }, ({ x }) => ({
        positive: x!.greater(0),
        count: x!.greater(0).sum(),
      }));
      expect(outputs).toEqual({ positive: Int32Array.of(0, 0, 1), count: Int32Array.of(1) });
    });
  });
}

function fail(): never {
  throw new Error("broken on purpose");
}

describe("the backend of TensorFlow.js", () => {
  it("is never mixed up by engines at work at the same time", async () => {
    const [expected, wanted] = [
      await losses(createOnnxEngine()),
      await losses(createReferenceEngine()),
    ];
    const together = await Promise.all(
      [0, 1, 2, 3, 4, 5].map((index) => losses(engines[index % 2] as Engine)),
    );
    for (const [index, result] of together.entries())
      expect(result).toEqual(index % 2 ? wanted : expected);
  });

  it("stays the caller's, also while a program is traced", async () => {
    await tf.setBackend("cpu");
    const builds: number[] = [];
    const watched: Program = {
      ...program,
      build(tensors) {
        builds.push(1);
        return program.build(tensors);
      },
    };
    const values = startingValues();
    const compiling = createOnnxEngine().compile(watched, values);
    const seen = new Set<string>();
    for (let turn = 0; turn < 1000 && builds.length === 0; turn++) {
      seen.add(tf.getBackend());
      await Promise.resolve();
    }
    expect(builds).toEqual([1]);
    seen.add(tf.getBackend());
    await (await compiling).dispose();
    seen.add(tf.getBackend());
    expect([...seen]).toEqual(["cpu"]);
  });

  it("is put back after a failed step", async () => {
    await tf.setBackend("cpu");
    for (const engine of engines)
      await expect(runOnce(engine, {}, fail)).rejects.toThrow("broken on purpose");
    expect(tf.getBackend()).toBe("cpu");
  });
});

describe("sums of rows by id", () => {
  it("lose nothing where ids repeat, and give equal bits every time", async () => {
    // large enough that onnxruntime would share the work between threads
    const [rows, columns, segments] = [2048, 192, 64];
    const x = numbers(rows * columns, 4);
    const ids = Int32Array.from({ length: rows }, (_, row) => (row % 7 < 5 ? 3 : row % segments));
    const compiled = await createOnnxEngine().compile(
      {
        state: {},
        frozen: {},
        inputs: {
          x: { shape: [rows, columns], dtype: "float32" },
          ids: { shape: [rows], dtype: "int32" },
        },
        build: ({ inputs }) => ({
          outputs: {
            sums: tf.unsortedSegmentSum(
              inputs["x"] as tf.Tensor,
              inputs["ids"] as tf.Tensor1D,
              segments,
            ),
          },
        }),
      },
      { state: {}, frozen: {} },
    );
    const expected = new Float64Array(segments * columns);
    ids.forEach((id, row) => {
      for (let column = 0; column < columns; column++) {
        expected[id * columns + column] =
          (expected[id * columns + column] as number) + (x[row * columns + column] as number);
      }
    });
    const { sums } = await compiled.run({ x, ids });
    // float32 rounding of sums of up to 1500 numbers of size 1
    expect(sums).toBeAllClose(expected, { absolute: 1e-4 });
    for (let repeat = 0; repeat < 5; repeat++) {
      expect((await compiled.run({ x, ids }))["sums"]).toEqual(sums);
    }
    await compiled.dispose();
  });
});
