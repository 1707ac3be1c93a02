import { describe, expect, it } from "vitest";
import { bertLayout, type BertSizes } from "../__fixtures__/bert-layout.js";
import { fixed, growing, parameter, tinyLayout } from "../__fixtures__/tiny-layout.js";
import type { Parameter } from "../layout/layout.js";
import { createPlan } from "../plan/create-plan.js";
import type { Plan } from "../plan/plan.js";
import { layoutChanges } from "./change-reasons.js";
import type { NormFacts } from "./method.js";
import { methodNamed, type MethodName } from "./methods.js";

const sizes: BertSizes = { layers: 6, hidden: 16, heads: 2, intermediate: 32, tied: true };
const grown = (more: Partial<BertSizes>): Plan =>
  createPlan(bertLayout(sizes), bertLayout({ ...sizes, ...more }));

const reasons = (name: MethodName, plan: Plan, architecture?: NormFacts): readonly string[] => {
  const kept = methodNamed(name).keepsFunction(plan, architecture);
  return kept.kept ? [] : kept.reasons;
};

/** A layer that writes its residual stream, with a norm before it, and a readout that is tied to the table. */
function preNorm(layers: number, embed: number, more: readonly Parameter[] = []): Plan["source"] {
  const layout = tinyLayout(
    layers,
    { embed: growing(embed), mlp: growing(4, { scope: "layer" }), vocab: fixed(5) },
    [
      parameter("table", ["vocab:fixed", "embed:out"]),
      parameter("h.{i}.norm.weight", ["embed:elem"], { initial: "ones", norm: "centred" }),
      parameter("h.{i}.norm.bias", ["embed:elem"], { initial: "zeros" }),
      parameter("h.{i}.up", ["embed:in", "mlp:out"]),
      parameter("h.{i}.down", ["embed:out", "mlp:in"]),
      ...more,
      parameter("readout", ["vocab:fixed", "embed:in"], { tiedTo: "table" }),
    ],
  );
  return { ...layout, stacks: { encoder: { layers, norm: "pre" } } };
}
const norm = parameter("norm.weight", ["embed:elem"], {
  initial: "ones",
  norm: "centred",
  readout: true,
});
const scale = parameter("h.{i}.scale", ["embed:elem"], { initial: "zeros" });

describe("reasons against a kept function", () => {
  it("name noise, and where new channels cannot be told from the mean of the old ones", () => {
    const own = (layers: number, embed: number) => preNorm(layers, embed, [norm]);
    const wider = createPlan(own(2, 4), own(3, 6));
    for (const name of ["lemon", "lossless-fresh"] as const) {
      const method = methodNamed(name);
      expect(method.keepsFunction(wider)).toEqual({ kept: true });
      expect(method.keepsFunction(wider, {}, { noise: 0.01 })).toMatchObject({
        reasons: expect.arrayContaining([
          "embed: 4 becomes 6, and noise of 0.01 of each tensor's own deviation is added to what its new units hold",
        ]) as string[],
      });
      // noise is of new units alone
      const deeper = createPlan(own(2, 4), own(3, 4));
      expect(method.keepsFunction(deeper, {}, { noise: 0.01 })).toEqual({ kept: true });
    }
    expect(reasons("lossless-fresh", grown({ hidden: 32, heads: 4 }))).toEqual([
      "embed: 16 becomes 32, and norms of encoder stand after the sums: the mean of a norm's outputs is not its output",
      "embed: 16 becomes 32, and bert.embeddings.LayerNorm.weight stands before the layers: the mean of a norm's outputs is not its output",
      "embed: 16 becomes 32, and a nonlinearity lies between cls.predictions.transform.dense.weight and the norm behind it",
    ]);
    expect(reasons("lossless-fresh", grown({ intermediate: 41 }))).toEqual([]);
  });

  it("of new channels are made up for where branches are scaled, or the epsilon is fixed", () => {
    // one scale for the one branch
    const scaled = createPlan(preNorm(2, 4, [norm, scale]), preNorm(2, 6, [norm, scale]));
    expect(reasons("lossless-fresh", scaled, { normEpsilon: "eps" })).toEqual([]);
    const fixed: Plan = { ...scaled, target: { ...scaled.target, normEpsilon: "fixed" } };
    expect(reasons("lossless-fresh", fixed, {})).toEqual([]);
    expect(reasons("lossless-fresh", scaled, {})).toEqual([
      "embed: 4 becomes 6, and the config has no epsilon of the norms to multiply by 0.6666666666666666",
    ]);
  });

  it("name stacks whose norms stand after the sums", () => {
    expect(reasons("zero-block", grown({ layers: 12 }))).toEqual([
      "encoder: 6 layers become 12, and its norms stand after the sums, where no inserted layer is an identity",
    ]);
  });

  it("name copied layers", () => {
    expect(reasons("stack", createPlan(preNorm(2, 4, [norm]), preNorm(3, 4, [norm])))).toEqual([
      "encoder: 2 layers become 3, and copies compute again what the layers they copy compute",
    ]);
  });

  it("name spaces under norms that are no multiples, or are copied at random", () => {
    const wide = grown({ hidden: 24, heads: 3 });
    expect(reasons("stack", wide)).toEqual([
      "embed: 16 becomes 24, no multiple: its units cannot all have the same number of copies, and its norms count each copy",
    ]);
    expect(reasons("stack", grown({ hidden: 32, heads: 4 }))).toEqual([]);
    expect(reasons("fpi", grown({ hidden: 32, heads: 4 }))).toEqual([
      "embed: 16 becomes 32, with copies of random units: they have not the same number of copies, and its norms count each copy",
    ]);
    expect(reasons("fpi", grown({ intermediate: 40 }))).toEqual([]);
  });

  it("name a tied readout without a norm that could divide by the copies", () => {
    const plan = createPlan(preNorm(1, 4), preNorm(1, 8));
    expect(reasons("stack", plan)).toEqual([
      "readout is tied to table: it reads embed with the map that writes it, and no norm before it divides by the copies",
    ]);
    expect(reasons("stack", createPlan(preNorm(1, 4, [norm]), preNorm(1, 8, [norm])))).toEqual([]);
  });

  it("of aki name units from other layers, where there are other layers", () => {
    const wide = (layers: number): Plan =>
      createPlan(
        bertLayout({ ...sizes, layers }),
        bertLayout({ ...sizes, layers, intermediate: 40 }),
      );
    expect(reasons("aki", wide(2))[0]).toContain("mlp: 32 becomes 40, and its new units");
    expect(reasons("aki", wide(1))).toEqual([]);
  });

  it("of direct copies spare layers that a scale of zero silences", () => {
    const deeper = (more: readonly Parameter[]): Plan =>
      createPlan(preNorm(2, 4, more), preNorm(3, 4, more));
    expect(reasons("direct-copy", deeper([norm]))).toEqual([
      "encoder: 2 layers become 3, and inserted ones start from scratch",
    ]);
    expect(reasons("direct-copy", deeper([norm, scale]))).toEqual([]);
  });

  it("of lemon name what stands between a mean and its norm, and an epsilon that cannot be set", () => {
    const wide = (more: readonly Parameter[]): Plan =>
      createPlan(preNorm(1, 4, more), preNorm(1, 6, more));
    expect(reasons("lemon", wide([norm]))).toEqual([]);
    expect(reasons("lemon", wide([norm]), { normEpsilon: "eps" })).toEqual([]);
    expect(reasons("lemon", wide([norm]), {})).toEqual([
      "embed: 4 becomes 6, no multiple, and the config has no epsilon of the norms to multiply by 0.6666666666666666",
    ]);
    expect(reasons("lemon", wide([norm, scale]))).toEqual([
      "embed: 4 becomes 6, no multiple, and h.{i}.scale scales a branch per channel",
    ]);
    const post = reasons("lemon", grown({ hidden: 24, heads: 3 }));
    const text = "embed: 16 becomes 24, no multiple, and";
    const mean = "the mean of a norm's outputs is not its output";
    expect(post).toEqual([
      `${text} norms of encoder stand after the sums: ${mean}`,
      `${text} bert.embeddings.LayerNorm.weight stands before the layers: ${mean}`,
      `${text} a nonlinearity lies between cls.predictions.transform.dense.weight and the norm behind it`,
    ]);
  });

  it("name the parts that are learned", () => {
    const [deeper, wider] = [grown({ layers: 7 }), grown({ intermediate: 40 })];
    const [units, layers] = ["width maps", "depth weights"].map(
      (text) => expect.stringContaining(text) as string,
    );
    expect(reasons("ligo", wider)).toEqual([units, layers]);
    expect(reasons("ligo", deeper)).toEqual([layers]);
    expect(reasons("ligo-width", wider)).toEqual([units]);
    expect(reasons("ligo-width", grown({}))).toEqual([]);
    expect(methodNamed("ligo-lossless").startKeepsFunction?.(wider)).toEqual({ kept: true });
  });
});

describe("two layouts", () => {
  it("differ in ways that every method has to make up for", () => {
    const large = bertLayout({ ...sizes, layers: 7, hidden: 24, heads: 2 });
    expect(layoutChanges(bertLayout(sizes), large)).toEqual([
      expect.stringMatching(/^encoder: 6 layers become 7, .*norms/u),
      expect.stringMatching(/^embed: 16 becomes 24, no multiple/u),
      expect.stringMatching(/^query: heads grow from 8 to 12/u),
      expect.stringMatching(/^key: heads grow/u),
      expect.stringMatching(/^value: heads grow/u),
    ]);
    expect(layoutChanges(bertLayout({ ...sizes, layers: 7 }), bertLayout(sizes))).toEqual([
      "encoder: 7 layers become 6",
    ]);
    expect(layoutChanges(preNorm(1, 4), preNorm(2, 4))).toEqual([
      "encoder: 1 layers become 2, and inserted layers are identities only where they write zeros",
    ]);
  });
});
