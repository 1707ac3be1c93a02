import { expect, it } from "vitest";
import * as tf from "./index.js";

it("has gradients of operations, and operations as methods of tensors", async () => {
  const slope = tf.grad((x) => x.mul(x).softmax().slice([0], [1]).sum());
  const values = await slope(tf.tensor1d([0.5, 1])).data();
  // y = softmax(x^2): dy_0/dx_0 = 2 x_0 y_0 (1 - y_0), dy_0/dx_1 = -2 x_1 y_0 y_1
  const first = Math.exp(0.25) / (Math.exp(0.25) + Math.exp(1));
  expect(values[0]).toBeCloseTo(first * (1 - first), 6);
  expect(values[1]).toBeCloseTo(-2 * first * (1 - first), 6);
});

it("computes on the processor, and gives everything that the core exports", async () => {
  expect(tf.findBackend("cpu")).not.toBeNull();
  const core = await import("@tensorflow/tfjs-core");
  const missing = Object.keys(core).filter((name) => name !== "default" && !(name in tf));
  expect(missing).toEqual([]);
  expect(tf.Tensor).toBe(core.Tensor);
});
