import * as ort from "./onnxruntime.js";
import { describe, expect, it } from "vitest";
import { createGraph } from "../trace/graph.js";
import { encodeModel } from "./model.js";

const open = async (bytes: Uint8Array): Promise<ort.InferenceSession> =>
  ort.InferenceSession.create(bytes, { executionProviders: ["cpu"], logSeverityLevel: 3 });

describe("encodeModel", () => {
  it("writes a model that onnxruntime opens, with the inputs that are read", async () => {
    const graph = createGraph();
    const x = graph.input("input/x", [2, 3], "float32");
    graph.input("input/unused", [1], "float32");
    const ids = graph.input("input/ids", [2], "int32");
    const sum = graph.one(
      "Add",
      [x, graph.constant(Float32Array.of(1, 2, 3), [3])],
      [2, 3],
      "float32",
    );
    graph.one("Exp", [sum], [2, 3], "float32");
    const picked = graph.one("Gather", [sum, ids], [2, 3], "float32", { axis: 0 });
    const model = encodeModel({ "output/picked": picked });

    expect(model.inputs).toEqual(["input/x", "input/ids"]);
    expect(model.nodes.map(({ operation }) => operation)).toEqual(["Add", "Gather"]);
    const session = await open(model.bytes);
    expect(session.inputNames).toEqual(["input/x", "input/ids"]);
    const [{ name } = { name: "" }] = model.outputs;
    expect(session.outputNames).toEqual(["unconverted", name]);
    expect(session.inputMetadata).toMatchObject([
      { name: "input/x", type: "float32", shape: [2, 3] },
      { name: "input/ids", type: "int32", shape: [2] },
    ]);
    const feeds = {
      "input/x": new ort.Tensor("float32", Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
      "input/ids": new ort.Tensor("int32", Int32Array.of(1, 0), [2]),
    };
    const results = await session.run(feeds, [name]);
    expect(results[name]?.data).toEqual(Float32Array.of(5, 7, 9, 2, 4, 6));
    await session.release();
  });

  it("gives every output a name of its own, also to inputs, constants and equal values", async () => {
    const graph = createGraph();
    const x = graph.input("state/x", [2], "float32");
    const minus = graph.one("Neg", [x], [2], "float32");
    const model = encodeModel({
      "output/a": minus,
      "output/b": minus,
      "output/x": x,
      "output/constant": graph.constant(Int32Array.of(1, 2, 3), [3]),
      "output/splat": graph.splat(0.5, [2], "float32"),
      "output/large": graph.splat(-1, [100], "float32"),
    });
    const names = model.outputs.map(({ name }) => name);
    expect(new Set(names).size).toBe(6);
    const session = await open(model.bytes);
    const feeds = { "state/x": new ort.Tensor("float32", Float32Array.of(1, -2), [2]) };
    const results = await session.run(feeds, names);
    expect(names.map((name) => results[name]?.data)).toEqual([
      Float32Array.of(-1, 2),
      Float32Array.of(-1, 2),
      Float32Array.of(1, -2),
      Int32Array.of(1, 2, 3),
      Float32Array.of(0.5, 0.5),
      new Float32Array(100).fill(-1),
    ]);
    await session.release();
  });
});
