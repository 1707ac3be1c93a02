import { describe, expect, it } from "vitest";
import { bertLayout, type BertSizes } from "../__fixtures__/bert-layout.js";
import type { Layout } from "../layout/layout.js";
import type { Matrix, Operator } from "../operator/operator.js";
import { createPlan } from "../plan/create-plan.js";
import { parseLayers } from "../plan/layer-list.js";
import type { Plan } from "../plan/plan.js";
import { createRandom } from "../random.js";
import { ligo } from "./ligo.js";
import { methodNamed, methods, type MethodName } from "./methods.js";

const sizes: BertSizes = { layers: 4, hidden: 16, heads: 2, intermediate: 32, tied: true };
const deep = (list: string, norm: "pre" | "post" = "post", more: Partial<BertSizes> = {}): Plan => {
  const layers = parseLayers(list) ?? [];
  const stacked = (one: Layout, count: number): Layout => ({
    ...one,
    stacks: { encoder: { layers: count, norm } },
  });
  return createPlan(
    stacked(bertLayout(sizes), 4),
    stacked(bertLayout({ ...sizes, ...more, layers: layers.length }), layers.length),
    { layers },
  );
};
const operatorOf = (name: MethodName, plan: Plan): Operator =>
  methodNamed(name).operator(plan, { random: createRandom(1), measured: new Map() });

const LAYER = "bert.encoder.layer.{i}";
/** The source layer with the largest weight in each row; undefined where all are zero. */
const copied = ({ tensors }: Operator, parameter: string): (number | undefined)[] => {
  const { rows, columns, data } = tensors.get(`depth.${LAYER}.${parameter}`) as Matrix;
  return Array.from({ length: rows }, (_, row) => {
    const weights = [...data.subarray(row * columns, (row + 1) * columns)];
    const largest = Math.max(...weights);
    return largest === 0 ? undefined : weights.indexOf(largest);
  });
};

const LIST = "0-3,1-4";
const LAYERS = [0, 1, 2, 1, 2, 3];
const inner = "intermediate.dense.weight";
const writer = "output.dense.weight";

describe("a list of layers", () => {
  const adding: readonly string[] = [
    "lemon",
    "lossless-fresh",
    "gradmax",
    "ligo-lossless",
    "zero-block",
    "net2net",
  ];
  const names = methods
    .filter(({ copiesLayers }) => copiesLayers !== false)
    .map(({ name }) => name);

  it.each(names)("is the depth of %s", (name) => {
    const operator = operatorOf(name, deep(LIST));
    expect(copied(operator, inner)).toEqual(LAYERS);
    const isAdding = adding.includes(name);
    // the second places of layers 1 and 2 add nothing
    const written = isAdding ? [0, 1, 2, undefined, undefined, 3] : LAYERS;
    expect(copied(operator, writer)).toEqual(written);
  });

  it.each(names)("leaves the width of %s as it is without one", (name) => {
    const wide = { hidden: 32, heads: 4, intermediate: 64 };
    const plan = deep("0-4,3", "post", wide);
    const { layers: _, ...without } = plan;
    const widths = ({ tensors }: Operator): unknown[] =>
      [...tensors].filter(([tensor]) => !tensor.includes("depth."));
    expect(widths(operatorOf(name, plan))).toEqual(widths(operatorOf(name, without)));
  });

  it("is noisy where the start is", () => {
    const { tensors } = operatorOf("ligo", deep(LIST));
    const { data } = tensors.get(`depth.${LAYER}.${inner}`) as Matrix;
    expect(data.every((weight) => weight > 0)).toBe(true);
  });

  it("says nothing where no layers are copied", () => {
    expect(() => operatorOf("random", deep(LIST))).toThrow(/takes no list of layers, so `layers`/u);
    const start = { random: createRandom(1), options: { initialDepth: "rand" } } as const;
    expect(() => ligo.operator(deep(LIST), start)).toThrow(/mixes layers at random/u);
  });
});

describe("the function", () => {
  const reasons = (name: MethodName, plan: Plan): readonly string[] => {
    const kept = methodNamed(name).keepsFunction(plan);
    return kept.kept ? [] : kept.reasons;
  };

  it("is kept where all layers have a first place in their order and the others add nothing", () => {
    for (const name of ["zero-block", "net2net", "lemon"] as const)
      expect(reasons(name, deep(LIST, "pre"))).toEqual([]);
  });

  it("changes with layers that are copied", () => {
    for (const name of ["stack", "interpolate", "fpi", "tile", "direct-copy"] as const)
      expect(reasons(name, deep(LIST, "pre"))).toContain(
        "encoder: 4 layers become 6 (0-3,1-4), and copies compute again what the layers they copy compute",
      );
  });

  it("changes with layers that are left out, or come in another order", () => {
    expect(reasons("lemon", deep("0-3,0-2", "pre"))).toEqual([
      "encoder: the list of layers leaves out 3",
    ]);
    expect(reasons("lemon", deep("1-4,0-2", "pre"))).toEqual([
      "encoder: layers come in another order (1-4,0-2)",
    ]);
    // as many layers as before
    expect(reasons("stack", deep("0,1,1,3", "pre"))).toContain(
      "encoder: the list of layers leaves out 2",
    );
    expect(reasons("stack", deep("0-4", "pre"))).toEqual([]);
  });
});
