import { describe, expect, it } from "vitest";
import { fixed, parameter, tinyLayout } from "../__fixtures__/tiny-layout.js";
import type { Layout } from "../layout/layout.js";
import { groupedAttentionSpaces } from "../layout/parts/spaces.js";
import type { Matrix } from "../operator/operator.js";
import { createPlan } from "../plan/create-plan.js";
import { createRandom } from "../random.js";
import { inconsistentFactors } from "./factor-choices.js";
import { methodNamed } from "./methods.js";

const layout = (keyValueHeads: number, heads: number, headSize: number): Layout =>
  tinyLayout(
    1,
    { ...groupedAttentionSpaces({ heads, keyValueHeads, headSize }), embed: fixed(2) },
    [
      parameter("h.{i}.q", ["query:out", "embed:fixed"]),
      parameter("h.{i}.k", ["key:out", "embed:fixed"]),
      parameter("h.{i}.v", ["value:out", "embed:fixed"]),
      parameter("h.{i}.o", ["embed:fixed", "context:in"]),
    ],
  );
const [small, large] = [layout(2, 6, 2), layout(4, 12, 4)];
const tensorsOf = (name: "stack" | "net2net" | "lemon" | "ligo"): Map<string, Matrix> => {
  const input = { random: createRandom(3) };
  return new Map(methodNamed(name).operator(createPlan(small, large), input).tensors);
};

/** A map with its rows in another order. */
const turned = ({ rows, columns, data }: Matrix, from: (row: number) => number): Matrix => ({
  rows,
  columns,
  data: Float32Array.from({ length: rows * columns }, (_, at) => {
    const row = Math.floor(at / columns);
    return data[from(row) * columns + (at % columns)]!;
  }),
});

describe("factors of an operator", () => {
  it.each(["stack", "net2net", "lemon", "ligo"] as const)("are chosen alike by %s", (name) => {
    expect(inconsistentFactors(small, large, tensorsOf(name))).toEqual([]);
  });

  it("are named where heads of keys are not those of the queries that read them", () => {
    const tensors = tensorsOf("stack");
    // heads of 4 channels, the last first
    tensors.set(
      "width.key",
      turned(tensors.get("width.key")!, (row) => (row + 4) % 16),
    );
    expect(inconsistentFactors(small, large, tensors)).toEqual([
      "kvHead: the maps of query and key take its units from different old ones, though they belong together",
    ]);
  });

  it("are named where channels of keys are not those of queries; those of values may be any", () => {
    const swap = (row: number): number => row - (row % 4) + ((row + 1) % 4);
    const tensors = tensorsOf("stack");
    tensors.set("width.value", turned(tensors.get("width.value")!, swap));
    expect(inconsistentFactors(small, large, tensors)).toEqual([]);
    tensors.set("width.key", turned(tensors.get("width.key")!, swap));
    expect(inconsistentFactors(small, large, tensors)).toEqual([
      expect.stringMatching(/^channel: the maps of query and key/u),
    ]);
  });
});
