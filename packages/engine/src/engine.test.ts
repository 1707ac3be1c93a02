import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { createOnnxEngine } from "./onnx/onnx-engine.js";
import type { Engine, Program } from "./program.js";
import { createReferenceEngine } from "./reference-engine.js";

const numbers = (count: number, seed: number): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898 + seed));

/** Linear regression with momentum: enough to have matrix products, gradients and in-place state. */
const program: Program = {
  state: { w: { shape: [3, 4], dtype: "float32" }, momentum: { shape: [3, 4], dtype: "float32" } },
  frozen: { target: { shape: [5, 4], dtype: "float32" } },
  inputs: { x: { shape: [5, 3], dtype: "float32" }, rate: { shape: [], dtype: "float32" } },
  build: ({ state, frozen, inputs }) => {
    const { value, grads } = tf.valueAndGrads((w: tf.Tensor) => {
      const prediction = tf.matMul(inputs["x"] as tf.Tensor2D, w as tf.Tensor2D);
      return prediction.sub(frozen["target"] as tf.Tensor).square().mean();
    })([state["w"] as tf.Tensor]);
    const momentum = (state["momentum"] as tf.Tensor).mul(0.9).add(grads[0] as tf.Tensor);
    return { state: { w: (state["w"] as tf.Tensor).sub(momentum.mul(inputs["rate"] as tf.Tensor)), momentum }, outputs: { loss: value } };
  },
};

async function losses(engine: Engine): Promise<{ losses: number[]; w: Float32Array; inPlace: number }> {
  const values = { state: { w: numbers(12, 1), momentum: new Float32Array(12) }, frozen: { target: numbers(20, 2) } };
  const compiled = await engine.compile(program, values);
  const seen: number[] = [];
  for (let step = 0; step < 5; step++) {
    const outputs = await compiled.run({ x: numbers(15, 3), rate: Float32Array.of(0.1) });
    seen.push((outputs["loss"] as Float32Array)[0] as number);
  }
  await compiled.dispose();
  return { losses: seen, w: values.state.w, inPlace: compiled.info.inPlace };
}

describe("engines", () => {
  it("agree on losses and state", async () => {
    const reference = await losses(createReferenceEngine());
    const onnx = await losses(createOnnxEngine());
    onnx.losses.forEach((loss, step) => expect(loss).toBeCloseTo(reference.losses[step] as number, 6));
    expect(onnx.inPlace).toBe(2);
  });
});
