import { describe, expect, it } from "vitest";
import { createGraph, reachable, type Value } from "./graph.js";

const operations = (...values: Value[]): string[] =>
  reachable(values).map(({ operation }) => operation);

describe("createGraph", () => {
  it("builds equal nodes once", () => {
    const graph = createGraph();
    const x = graph.input("x", [2], "float32");
    const y = graph.input("y", [2], "float32");
    const sum = graph.one("Add", [x, y], [2], "float32");
    expect(graph.one("Add", [x, y], [2], "float32")).toBe(sum);
    expect(graph.one("Add", [y, x], [2], "float32")).not.toBe(sum);
    expect(graph.one("Sub", [x, y], [2], "float32")).not.toBe(sum);
    expect(graph.one("Add", [x, y], [2], "float32", { axis: 1 })).not.toBe(sum);
    expect(graph.one("Add", [x, y], [2], "float32", {}, "com.microsoft")).not.toBe(sum);
    const split = (axis: number): Value[] =>
      graph.node(
        "Split",
        [x],
        [
          { shape: [1], type: "float32" },
          { shape: [1], type: "float32" },
        ],
        { axis },
      );
    expect(split(0)).toBe(split(0));
    expect(split(0)).not.toBe(split(1));
  });

  it("tells an absent input from a present one, and float attributes from each other", () => {
    const graph = createGraph();
    const x = graph.input("x", [2], "float32");
    const scaled = (float: number): Value =>
      graph.one("Gemm", [x, x], [2], "float32", { alpha: { float } });
    expect(scaled(0.5)).toBe(scaled(0.5));
    expect(scaled(0.5)).not.toBe(scaled(0.25));
    expect(graph.one("Clip", [x, undefined, x], [2], "float32")).not.toBe(
      graph.one("Clip", [x, x, undefined], [2], "float32"),
    );
  });

  it("keeps one copy of equal constants and no more", () => {
    const graph = createGraph();
    const one = graph.constant(Float32Array.of(1, 2), [2]);
    expect(graph.constant(Float32Array.of(1, 2), [2])).toBe(one);
    expect(graph.constant(Float32Array.of(1, 2), [2, 1])).not.toBe(one);
    expect(graph.constant(Int32Array.of(1, 2), [2])).not.toBe(one);
    expect(graph.constant(Float32Array.of(0, 2), [2])).not.toBe(
      graph.constant(Float32Array.of(-0, 2), [2]),
    );
    expect(graph.splat(0, [2], "float32")).toBe(graph.splat(0, [2], "float32"));
    expect(graph.splat(0, [2], "float32")).not.toBe(graph.splat(-0, [2], "float32"));
    expect(graph.splat(0, [2], "float32")).not.toBe(graph.splat(0, [2], "int32"));
  });

  it("refuses two inputs of one name", () => {
    const graph = createGraph();
    graph.input("x", [], "float32");
    expect(() => graph.input("x", [], "float32")).toThrow(
      expect.objectContaining({ code: "engine/duplicate-input" }) as Error,
    );
  });
});

describe("reachable", () => {
  it("drops what no output depends on", () => {
    const graph = createGraph();
    const x = graph.input("x", [2], "float32");
    const kept = graph.one("Exp", [x], [2], "float32");
    graph.one("Log", [kept], [2], "float32");
    expect(operations(kept)).toEqual(["Exp"]);
    expect(operations(x)).toEqual([]);
  });

  it("orders depth first: each node right after what it needs, shared nodes once", () => {
    const graph = createGraph();
    const x = graph.input("x", [2], "float32");
    // Built breadth first; short-lived values must not wait for the other branch.
    const branches = [0, 1].map((axis) => graph.one(`Start${axis}`, [x], [2], "float32"));
    const ends = branches.map((branch, axis) => graph.one(`End${axis}`, [branch], [2], "float32"));
    const sum = graph.one("Add", ends, [2], "float32");
    const again = graph.one("Mul", [sum, ends[1]], [2], "float32");
    expect(operations(again)).toEqual(["Start0", "End0", "Start1", "End1", "Add", "Mul"]);
    expect(operations(ends[1] as Value, again)).toEqual([
      "Start1",
      "End1",
      "Start0",
      "End0",
      "Add",
      "Mul",
    ]);
  });

  it("takes chains longer than the call stack", () => {
    const graph = createGraph();
    let value = graph.input("x", [], "float32");
    for (let i = 0; i < 20_000; i++) value = graph.one("Neg", [value], [], "float32");
    expect(reachable([value])).toHaveLength(20_000);
  });
});
