import { describe, expect, it } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { readReference } from "../__fixtures__/reference.js";
import { fixed, growing, parameter, tinyLayout } from "../__fixtures__/tiny-layout.js";
import { createPlan } from "../plan/create-plan.js";
import { expressionFor, expressions, operatorNames, type OperatorNames } from "./expressions.js";
import { learnableTensors } from "./learnable.js";
import { stackOperator } from "../methods/stack.js";
import { operatorForm, operatorTensors, type OperatorTensorsOptions } from "./operator-tensors.js";
import type { WidthScope } from "./operator.js";
import type { Plan } from "../plan/plan.js";

const smallSizes = { layers: 2, hidden: 16, heads: 2, intermediate: 32 };
const largeSizes = { layers: 5, hidden: 24, heads: 3, intermediate: 48 };
const untied = createPlan(bertLayout(smallSizes), bertLayout(largeSizes));
const tied = createPlan(
  bertLayout({ ...smallSizes, tied: true }),
  bertLayout({ ...largeSizes, tied: true }),
);

function namesOf(plan: Plan, scope: WidthScope, options?: OperatorTensorsOptions): OperatorNames {
  const tensors = operatorTensors(plan, operatorForm(scope), options);
  return { ...operatorForm(scope), terms: options?.terms ?? 1, has: (name) => tensors.has(name) };
}

function maps(plan: Plan, name: string, operator: OperatorNames): unknown[] {
  const tensor = plan.tensors.find((candidate) => candidate.name === name)!;
  return expressionFor(tensor, plan, operator).terms[0]!.axes.map((axis) =>
    axis?.map(({ map }) => map),
  );
}

const layer = (i: number | string, name: string) => `bert.encoder.layer.${i}.${name}`;

describe("operatorTensors", () => {
  it("lists what the recorded operator holds, names and shapes", () => {
    const recorded = [...readReference("operator").tensors].map(([name, { shape }]) => [
      name,
      shape,
    ]);
    const ours = [...operatorTensors(untied, operatorForm("target-layer"))].map(
      ([name, { rows, columns }]) => [name, [rows, columns]],
    );
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(recorded));
  });

  it("counts layers as the scope says", () => {
    const queries = (scope: WidthScope) =>
      [...operatorTensors(untied, operatorForm(scope)).keys()].filter((name) =>
        name.startsWith("width.query"),
      );
    expect(queries("target-layer")).toHaveLength(5);
    expect(queries("source-layer")).toEqual(["width.query.0", "width.query.1"]);
    expect(queries("model")).toEqual(["width.query"]);
  });

  it("adds reading maps only for spaces that are read, all or some", () => {
    const reads = (plan: Plan, separateRead: boolean | ReadonlySet<string>) =>
      [...operatorTensors(plan, operatorForm("model"), { separateRead }).keys()].filter((name) =>
        name.startsWith("read."),
      );
    expect(reads(untied, true).toSorted()).toEqual([
      "read.embed",
      "read.head",
      "read.mlp",
      "read.value",
    ]);
    expect(reads(tied, true).toSorted()).toEqual(["read.embed", "read.mlp", "read.value"]);
    expect(reads(untied, new Set(["mlp", "query"]))).toEqual(["read.mlp"]);
    expect(reads(untied, false)).toEqual([]);
  });

  it("repeats everything for further terms, with their prefix", () => {
    const one = operatorTensors(untied, operatorForm("model"));
    const two = operatorTensors(untied, operatorForm("model"), { terms: 2 });
    expect(two.size).toBe(2 * one.size);
    expect(two.get("term.1.width.embed")).toMatchObject({ rows: 24, columns: 16, term: 1 });
    expect(two.has(`term.1.depth.${layer("{i}", "output.dense.bias")}`)).toBe(true);
  });

  it("keeps growing spaces of equal size", () => {
    const deeper = createPlan(bertLayout(smallSizes), bertLayout({ ...smallSizes, layers: 4 }));
    expect(operatorTensors(deeper, operatorForm("model")).get("width.embed")).toMatchObject({
      rows: 16,
      columns: 16,
    });
  });

  it("refuses an order that does not go with the scope", () => {
    expect(() =>
      operatorTensors(untied, { order: "width-then-depth", widthScope: "target-layer" }),
    ).toThrow(expect.objectContaining({ code: "operator/form", expected: "depth-then-width" }));
    const mixed = { order: "width-then-depth", widthScope: "model" } as const;
    expect(operatorTensors(untied, mixed).size).toBe(
      operatorTensors(untied, operatorForm("model")).size,
    );
  });
});

describe("expressions", () => {
  it("follows roles and layers of the published form", () => {
    const operator = namesOf(untied, "target-layer");
    expect(maps(untied, layer(3, "attention.self.query.weight"), operator)).toEqual([
      ["width.query.3"],
      ["width.embed"],
    ]);
    expect(maps(untied, layer(3, "attention.output.dense.weight"), operator)).toEqual([
      ["width.embed"],
      ["width.value.3"],
    ]);
    expect(maps(untied, layer(0, "output.LayerNorm.bias"), operator)).toEqual([["width.embed"]]);
    expect(maps(untied, "cls.predictions.decoder.weight", operator)).toEqual([
      undefined,
      ["width.head"],
    ]);
    expect(maps(untied, "cls.predictions.decoder.bias", operator)).toEqual([undefined]);
    const [first] = expressions(untied, operator);
    expect(first).toMatchObject({ name: untied.tensors[0]?.name, order: "depth-then-width" });
    expect(first?.terms[0]).not.toHaveProperty("depth");
    const query = untied.tensors.find(
      ({ name }) => name === layer(3, "attention.self.query.bias"),
    )!;
    expect(expressionFor(query, untied, operator).terms[0]?.depth).toEqual({
      tensor: `depth.${layer("{i}", "attention.self.query.bias")}`,
      row: 3,
    });
  });

  it("names one map per source layer in the paper's form", () => {
    const operator = namesOf(untied, "source-layer");
    expect(maps(untied, layer(4, "intermediate.dense.weight"), operator)).toEqual([
      [["width.mlp.0", "width.mlp.1"]],
      ["width.embed"],
    ]);
  });

  it("reads with the reading map, and folds it into the readout norm of a tied head", () => {
    const model = namesOf(tied, "model", { separateRead: true });
    expect(maps(tied, layer(1, "intermediate.dense.weight"), model)).toEqual([
      ["width.mlp"],
      ["read.embed"],
    ]);
    expect(maps(tied, layer(1, "output.LayerNorm.weight"), model)).toEqual([["width.embed"]]);
    expect(maps(tied, "cls.predictions.transform.LayerNorm.weight", model)).toEqual([
      ["read.embed"],
    ]);
    expect(
      maps(tied, "cls.predictions.transform.LayerNorm.weight", namesOf(tied, "model")),
    ).toEqual([["width.embed"]]);
    const layered = namesOf(untied, "target-layer", { separateRead: true });
    expect(maps(untied, layer(2, "output.dense.weight"), layered)).toEqual([
      ["width.embed"],
      ["read.mlp.2"],
    ]);
    const sources = namesOf(untied, "source-layer", { separateRead: true });
    expect(maps(untied, layer(2, "output.dense.weight"), sources)).toEqual([
      ["width.embed"],
      [["read.mlp.0", "read.mlp.1"]],
    ]);
  });

  it("maps the segments of a fused axis", () => {
    const layout = (size: number) =>
      tinyLayout(
        1,
        { embed: growing(size), query: growing(size), key: growing(size), patch: fixed(2) },
        [parameter("h.{i}.c_attn", ["embed:in", "query+key+patch:out"])],
      );
    const plan = createPlan(layout(2), layout(3));
    const operator = namesOf(plan, "model");
    expect(maps(plan, "h.0.c_attn", operator)).toEqual([
      ["width.embed"],
      ["width.query", "width.key", undefined],
    ]);
    expect(expressions(plan, operator)[0]).toMatchObject({ shape: [3, 8], sourceShape: [2, 6] });
  });

  it("leaves spaces of equal size without map as they are, and misses others", () => {
    const deeper = createPlan(bertLayout(smallSizes), bertLayout({ ...smallSizes, layers: 4 }));
    const depthOnly = (plan: Plan, scope: WidthScope) => {
      const names = namesOf(plan, scope);
      return { ...names, has: (name: string) => name.startsWith("depth.") && names.has(name) };
    };
    for (const scope of ["model", "source-layer", "target-layer"] as const) {
      expect(maps(deeper, layer(3, "output.dense.weight"), depthOnly(deeper, scope))).toEqual([
        undefined,
        undefined,
      ]);
      expect(() => expressions(untied, depthOnly(untied, scope))).toThrow(
        expect.objectContaining({ code: "operator/missing-tensor", tensor: "width.embed" }),
      );
    }
    const names = namesOf(deeper, "source-layer");
    const half = { ...names, has: (name: string) => name !== "width.mlp.1" && names.has(name) };
    expect(() => expressions(deeper, half)).toThrow(
      expect.objectContaining({ tensor: "width.mlp.1" }),
    );
    const noDepth = { ...names, has: (name: string) => !name.startsWith("depth.") };
    expect(() => expressions(deeper, noDepth)).toThrow(/depth\./);
  });

  it("takes names from an operator", () => {
    const operator = stackOperator(tied);
    expect(expressions(tied, operatorNames(operator))).toEqual(
      expressions(tied, namesOf(tied, "model", { separateRead: true })),
    );
  });
});

describe("learnableTensors", () => {
  it("freezes the identity in the published form only", () => {
    const published = learnableTensors(untied, operatorForm("target-layer"));
    expect(published.get("width.embed")).toEqual({ rows: 24, columns: 16, frozenRows: 16 });
    expect(published.get(`depth.${layer("{i}", "output.dense.bias")}`)).toEqual({
      rows: 5,
      columns: 2,
      frozenRows: 0,
    });
    expect(learnableTensors(untied, operatorForm("model")).get("width.mlp")?.frozenRows).toBe(32);
    expect(
      learnableTensors(untied, operatorForm("source-layer")).get("width.mlp.0")?.frozenRows,
    ).toBe(0);
    const preserving = learnableTensors(untied, operatorForm("target-layer"), {
      separateRead: true,
    });
    expect(preserving.get("width.embed")?.frozenRows).toBe(0);
    expect(preserving.get("read.embed")).toEqual({ rows: 24, columns: 16, frozenRows: 0 });
  });

  it("counts the published code's operator of BERT-Small to BERT-Base: 30.15 M and 1152", () => {
    const sizes = { vocab: 30522, positions: 512 };
    const plan = createPlan(
      bertLayout({ layers: 6, hidden: 512, heads: 8, intermediate: 2048, ...sizes }),
      bertLayout({ layers: 12, hidden: 768, heads: 12, intermediate: 3072, ...sizes }),
    );
    const learned = (prefix: string) =>
      [...learnableTensors(plan, operatorForm("target-layer"))]
        .filter(([name]) => name.startsWith(prefix))
        .reduce((sum, [, { rows, columns, frozenRows }]) => sum + (rows - frozenRows) * columns, 0);
    expect(learned("width.") / 1e6).toBeCloseTo(30.15, 2);
    expect(learned("depth.")).toBe(1152);
  });

  it("does as told", () => {
    const form = operatorForm("source-layer");
    expect(
      learnableTensors(untied, form, { identityBlock: true }).get("width.mlp.0")?.frozenRows,
    ).toBe(32);
    const free = learnableTensors(untied, operatorForm("target-layer"), { identityBlock: false });
    expect(free.get("width.embed")?.frozenRows).toBe(0);
    const some = learnableTensors(untied, operatorForm("model"), {
      separateRead: new Set(["mlp"]),
    });
    expect(some.get("width.embed")?.frozenRows).toBe(0);
  });
});
