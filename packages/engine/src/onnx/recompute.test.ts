import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import type { Program, TensorSpec } from "../program.js";
import { createReferenceEngine } from "../reference-engine.js";
import { reachable, sizeOf, type Node, type Value } from "../trace/graph.js";
import { traceProgram } from "../trace/trace.js";
import { createOnnxEngine } from "./onnx-engine.js";
import { recomputeActivations } from "./recompute.js";

const LAYERS = 8;
const spec = (...shape: number[]): TensorSpec => ({ shape, dtype: "float32" });
const weight = (layer: number): string => `w${layer}`;
const weights = Array.from({ length: LAYERS }, (_, layer) => weight(layer));

const mark = (x: tf.Tensor): tf.Tensor =>
  tf.customGrad((a) => ({
    value: tf.getKernel("LigoCheckpoint", tf.getBackend())
      ? tf.engine().runKernel<tf.Tensor>("LigoCheckpoint", { x: a as tf.Tensor })
      : (a as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => dy,
  }))(x);

/** A deep network whose layers keep many activations, and gradients of all its weights. */
const deep = (recompute: boolean): Program => ({
  ...(recompute ? { recompute: "loss" } : {}),
  state: {},
  frozen: Object.fromEntries(weights.map((name) => [name, spec(6, 6)])),
  inputs: { x: spec(40, 6) },
  build({ frozen, inputs }) {
    const { value, grads } = tf.valueAndGrads((...w: tf.Tensor[]) => {
      let x = mark(inputs["x"]!.tanh());
      for (const own of w)
        x = mark(x.add(x.matMul(own).tanh().mul(x.square().add(1).log()).sigmoid()));
      return x.square().mean().asScalar();
    })(weights.map((name) => frozen[name]!));
    return {
      outputs: { loss: value, ...Object.fromEntries(grads.map((g, i) => [`gradient${i}`, g])) },
    };
  },
});

const values = {
  state: {},
  frozen: Object.fromEntries(
    weights.map((name, layer) => [
      name,
      Float32Array.from({ length: 36 }, (_, index) => Math.sin(index * 1.3 + layer)),
    ]),
  ),
};
const inputs = { x: Float32Array.from({ length: 240 }, (_, index) => Math.cos(index)) };

/** Largest number of elements alive at once when operations run in the given order. */
function peak(nodes: readonly Node[], outputs: readonly Value[]): number {
  const lastRead = new Map<number, number>();
  nodes.forEach((node, at) => node.inputs.forEach((value) => value && lastRead.set(value.id, at)));
  for (const { id } of outputs) lastRead.set(id, nodes.length);
  let [alive, most] = [0, 0];
  nodes.forEach((node, at) => {
    for (const output of node.outputs) alive += sizeOf(output.shape);
    most = Math.max(most, alive);
    for (const value of new Set(node.inputs)) {
      if (value?.source.kind === "node" && lastRead.get(value.id) === at)
        alive -= sizeOf(value.shape);
    }
  });
  return most;
}

describe("recomputeActivations", () => {
  it("keeps the bits of loss and gradients", async () => {
    const run = async (recompute: boolean) => {
      const compiled = await createOnnxEngine().compile(deep(recompute), values);
      const outputs = await compiled.run(inputs);
      await compiled.dispose();
      return { outputs, operations: compiled.info.operations };
    };
    const [kept, recomputed] = [await run(false), await run(true)];
    expect(recomputed.outputs).toEqual(kept.outputs);
    expect(recomputed.operations).toBeGreaterThan(kept.operations);
    const oracle = await createReferenceEngine().compile(deep(true), values);
    const expected = await oracle.run(inputs);
    // float32 in another order of operations
    for (const [name, data] of Object.entries(expected))
      expect(kept.outputs[name], name).toBeAllClose(data, { relative: 1e-4, absolute: 1e-6 });
  });

  it("holds the activations of one layer at a time", async () => {
    const traced = await traceProgram(deep(true));
    const loss = traced.outputs["output/loss"] as Value;
    const rewritten = recomputeActivations({ ...traced, loss });
    const [before, after] = [traced.outputs, rewritten].map((outputs) => {
      const returned = Object.values(outputs);
      return peak(reachable(returned), returned);
    }) as [number, number];
    expect(after).toBeLessThan(0.6 * before);
  });

  it("computes a segment anew only after the gradient has come to it", async () => {
    const traced = await traceProgram(deep(true));
    const loss = traced.outputs["output/loss"] as Value;
    const forward = new Set(reachable([loss]));
    const rewritten = recomputeActivations({ ...traced, loss });
    const again = reachable(Object.values(rewritten)).filter(
      (node) => node.operation === "Tanh" && !forward.has(node),
    );
    expect(again).toHaveLength(LAYERS);
    expect(
      reachable(Object.values(rewritten)).filter(({ operation }) => operation === "Gemm"),
    ).toHaveLength(4 * LAYERS - 1);
    // Something of the backward pass, which depends on the loss' own derivative, stands before each of them.
    const waits = again.map((node) =>
      reachable(node.inputs as Value[]).some(({ operation }) => operation === "Greater"),
    );
    expect(waits).toEqual(Array.from({ length: LAYERS }, () => true));
  });

  it("leaves a program without checkpoints as it is", async () => {
    const traced = await traceProgram({
      state: {},
      frozen: {},
      inputs: { x: spec(3) },
      build: ({ inputs: { x } }) => ({ outputs: { loss: x!.square().sum() } }),
    });
    const loss = traced.outputs["output/loss"] as Value;
    expect(recomputeActivations({ ...traced, loss })).toEqual(traced.outputs);
  });

  it("refuses to recompute the way to an output that does not exist", async () => {
    await expect(
      createOnnxEngine().compile({ ...deep(true), recompute: "cost" }, values),
    ).rejects.toMatchObject({ code: "engine/recompute" });
  });
});
