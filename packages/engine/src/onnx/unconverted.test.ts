import * as ort from "./onnxruntime.js";
import { describe, expect, it } from "vitest";
import { createGraph } from "../trace/graph.js";
import { encodeModel } from "./model.js";
import { runInto } from "./unconverted.js";

const SIZE = 1 << 20;

async function doubling(): Promise<{ session: ort.InferenceSession; output: string }> {
  const graph = createGraph();
  const x = graph.input("input/x", [SIZE], "float32");
  const model = encodeModel({ "output/y": graph.one("Add", [x, x], [SIZE], "float32") });
  const session = await ort.InferenceSession.create(model.bytes, { logSeverityLevel: 3 });
  return { session, output: model.outputs[0]?.name ?? "" };
}

describe("runInto", () => {
  it("writes results into the caller's memory and allocates no arrays of its own", async () => {
    const { session, output } = await doubling();
    const y = new Float32Array(SIZE);
    const feeds = { "input/x": new ort.Tensor("float32", new Float32Array(SIZE).fill(3), [SIZE]) };
    const fetches = { [output]: new ort.Tensor("float32", y, [SIZE]) };
    const before = process.memoryUsage().arrayBuffers;
    for (let run = 0; run < 4; run++) await runInto(session, feeds, fetches);
    const grown = process.memoryUsage().arrayBuffers - before;
    await session.release();

    expect(y.every((value) => value === 6)).toBe(true);
    // A copy of the output would be 4 MiB a run.
    expect(grown).toBeLessThan(SIZE);
  });

  it("throws what onnxruntime throws", async () => {
    const { session, output } = await doubling();
    const fetches = { [output]: new ort.Tensor("float32", new Float32Array(SIZE), [SIZE]) };
    const wrong = { "input/x": new ort.Tensor("float32", new Float32Array(2), [2]) };
    await expect(runInto(session, wrong, fetches)).rejects.toThrow(/invalid dimensions/i);
    await expect(runInto(session, {}, fetches)).rejects.toThrow(/input\/x/);
    await session.release();
  });
});
