import { describe, expect, it } from "vitest";
import { bareBertLayout, bertLayout } from "../__fixtures__/bert-layout.js";
import { fixed, growing, parameter, tinyLayout } from "../__fixtures__/tiny-layout.js";
import { createPlan, type PlanOptions } from "./create-plan.js";
import { PlanError } from "../errors/plan-error.js";
import { estimateFlops, parameterCount } from "../cost/estimates.js";
import type { Layout } from "../layout/layout.js";
import { plannedSpaces } from "./planned-spaces.js";

const smallSizes = { layers: 2, hidden: 16, heads: 2, intermediate: 32 };
const largeSizes = { layers: 5, hidden: 24, heads: 3, intermediate: 48 };
const small = bertLayout(smallSizes);
const large = bertLayout(largeSizes);

function failure(source: Layout, target: Layout, options?: PlanOptions): PlanError {
  try {
    createPlan(source, target, options);
  } catch (error) {
    if (error instanceof PlanError) return error;
    throw error;
  }
  throw new Error("expected a PlanError");
}

describe("createPlan", () => {
  it("pairs each target tensor with all source layers", () => {
    const plan = createPlan(small, large);
    expect(
      plan.tensors.find(({ name }) => name === "bert.encoder.layer.4.output.dense.weight"),
    ).toMatchObject({
      layer: 4,
      shape: [24, 48],
      sourceShape: [16, 32],
      sources: [0, 1].map((layer) => `bert.encoder.layer.${layer}.output.dense.weight`),
    });
    expect(plan.tensors.find(({ name }) => name === "cls.predictions.decoder.bias")).toMatchObject({
      sources: ["cls.predictions.decoder.bias"],
    });
    expect(plan.tensors.some(({ name }) => name === "cls.predictions.bias")).toBe(false);
    expect(plan.dropped).toEqual([]);
  });

  it("plans no tied tensor, and drops what the target class lacks", () => {
    const tiedSmall = bertLayout({ ...smallSizes, tied: true });
    const plan = createPlan(tiedSmall, bertLayout({ ...largeSizes, tied: true }));
    expect(plan.tensors.some(({ name }) => name.startsWith("cls.predictions.decoder"))).toBe(false);
    const bare = createPlan(tiedSmall, bareBertLayout(largeSizes));
    expect(bare.dropped).toContain("cls.predictions.transform.dense.weight");
    expect(bare.dropped).not.toContain("cls.predictions.decoder.weight");
  });

  it("unties on request: readout and head take what they were tied to", () => {
    const tied = bertLayout({ ...smallSizes, tied: true });
    expect(failure(tied, large)).toMatchObject({
      code: "plan/tied-source",
      tensor: "cls.predictions.decoder.weight",
      expected: "tied to bert.embeddings.word_embeddings.weight",
    });
    const plan = createPlan(tied, large, { ties: "untie" });
    const sources = (name: string) => plan.tensors.find((tensor) => tensor.name === name)?.sources;
    expect(sources("cls.predictions.decoder.weight")).toEqual([
      "bert.embeddings.word_embeddings.weight",
    ]);
    expect(sources("cls.predictions.decoder.bias")).toEqual(["cls.predictions.bias"]);
    expect(plannedSpaces(plan).get("head")).toMatchObject({
      oldSize: 16,
      newSize: 24,
      isRead: true,
    });
  });

  it("refuses to tie what is untied", () => {
    expect(failure(small, bertLayout({ ...largeSizes, tied: true }))).toMatchObject({
      code: "plan/untied-source",
      tensor: "cls.predictions.decoder.weight",
      expected: "untied",
    });
  });

  it("finds a source by the target's alias and by the source's", () => {
    const layout = (name: string, aliases: readonly string[]) =>
      tinyLayout(1, { embed: growing(2) }, [parameter(name, ["embed:out"], { aliases })]);
    expect(createPlan(layout("old", []), layout("new", ["old"])).tensors[0]?.sources).toEqual([
      "old",
    ]);
    expect(createPlan(layout("old", ["new"]), layout("new", [])).tensors[0]?.sources).toEqual([
      "old",
    ]);
  });

  it("refuses different architectures and stacks, and fewer layers", () => {
    expect(failure(small, { ...large, architecture: "gpt2" })).toMatchObject({
      code: "plan/architectures-differ",
      expected: "bert",
      actual: "gpt2",
    });
    expect(
      failure(small, { ...large, stacks: { encoder: { layers: 5, norm: "pre" } } }),
    ).toMatchObject({
      code: "plan/stacks-differ",
      expected: "encoder (post-norm)",
      actual: "encoder (pre-norm)",
    });
    expect(
      failure(small, {
        ...large,
        stacks: { ...large.stacks, decoder: { layers: 1, norm: "post" } },
      }),
    ).toMatchObject({ code: "plan/stacks-differ" });
    expect(failure(small, bertLayout({ ...largeSizes, layers: 1 }))).toMatchObject({
      code: "plan/fewer-layers",
      expected: "at least 2 layers",
      actual: "1 layers",
    });
  });

  it("refuses smaller spaces and other sizes of those that do not grow", () => {
    expect(failure(small, bertLayout({ ...largeSizes, intermediate: 31 }))).toMatchObject({
      code: "plan/smaller-target",
      tensor: "mlp",
      expected: "at least 32",
      actual: "31",
    });
    for (const [space, size] of [
      ["vocab", 91],
      ["position", 49],
      ["type", 3],
    ] as const) {
      const key = { vocab: "vocab", position: "positions", type: "types" }[space];
      expect(failure(small, bertLayout({ ...largeSizes, [key]: size }))).toMatchObject({
        code: "plan/fixed-size",
        tensor: space,
        actual: String(size),
      });
    }
    const odd = (size: number) =>
      tinyLayout(1, { embed: growing(size) }, [parameter("w", ["embed:fixed"])]);
    expect(failure(odd(2), odd(3))).toMatchObject({ code: "plan/fixed-size", tensor: "embed" });
  });

  it("refuses heads that do not divide their space, on either side", () => {
    const heads = (unit: number) => [
      { name: "head", size: 6 / unit },
      { name: "channel", size: unit },
    ];
    const layout = (unit: number) =>
      tinyLayout(1, { query: growing(6, { factors: heads(unit) }) }, [
        parameter("q", ["query:out"]),
      ]);
    expect(failure(layout(4), layout(3))).toMatchObject({
      code: "plan/unit",
      tensor: "query",
      expected: "a multiple of 4",
      actual: "6",
    });
    expect(failure(layout(3), layout(4)).message).toContain("target");
  });

  it("refuses two sizes of one factor", () => {
    const layout = (channel: number) =>
      tinyLayout(
        1,
        {
          query: growing(6, {
            factors: [
              { name: "head", size: 3 },
              { name: "channel", size: 2 },
            ],
          }),
          key: growing(2 * channel, {
            factors: [
              { name: "head", size: 2 },
              { name: "channel", size: channel },
            ],
          }),
        },
        [parameter("q", ["query:out"]), parameter("k", ["key:out"])],
      );
    expect(failure(layout(2), layout(2))).toMatchObject({
      code: "plan/factors",
      tensor: "key",
      expected: "3",
      actual: "2",
    });
  });

  it("refuses a target parameter without a source", () => {
    const spaces = { embed: growing(2) };
    const source = tinyLayout(1, spaces, [parameter("pooler", ["embed:out"])]);
    const target = tinyLayout(1, spaces, [parameter("poller", ["embed:out"])]);
    expect(failure(source, target)).toMatchObject({
      code: "plan/missing-source",
      tensor: "poller",
      actual: "pooler",
    });
    const circle = tinyLayout(1, spaces, [
      parameter("a", ["embed:out"], { tiedTo: "b" }),
      parameter("b", ["embed:out"], { tiedTo: "a" }),
    ]);
    const owned = tinyLayout(1, spaces, [parameter("a", ["embed:out"])]);
    expect(failure(circle, owned, { ties: "untie" })).toMatchObject({
      code: "plan/missing-source",
    });
  });

  it("refuses parameters of other rank, stack or fusion", () => {
    const spaces = { embed: growing(2), mlp: growing(2) };
    const layout = (...parameters: Parameters<typeof parameter>[]) =>
      tinyLayout(
        1,
        spaces,
        parameters.map((each) => parameter(...each)),
      );
    const code = { code: "plan/axes-differ", tensor: "w" };
    expect(
      failure(layout(["w", ["embed:out"]]), layout(["w", ["embed:out", "mlp:in"]])),
    ).toMatchObject(code);
    expect(failure(layout(["w", ["embed:out"]]), layout(["w", ["embed+mlp:out"]]))).toMatchObject(
      code,
    );
    expect(
      failure(layout(["w", ["embed:out"]]), layout(["w", ["embed:out"], { stack: "encoder" }])),
    ).toMatchObject(code);
  });

  it("refuses spaces whose uses disagree", () => {
    const source = tinyLayout(1, { embed: growing(2), other: growing(3) }, [
      parameter("a", ["embed:out"]),
      parameter("b", ["other:out"]),
    ]);
    const target = tinyLayout(1, { embed: growing(4) }, [
      parameter("a", ["embed:out"]),
      parameter("b", ["embed:out"]),
    ]);
    expect(failure(source, target)).toMatchObject({
      code: "plan/space-conflict",
      tensor: "b",
      expected: "2",
      actual: "3",
    });
    const layered = { mlp: growing(2, { scope: "layer" }) };
    const outside = tinyLayout(1, layered, [parameter("a", ["mlp:out"])]);
    expect(failure(outside, outside)).toMatchObject({ code: "plan/layer-space", tensor: "a" });
    const both = tinyLayout(1, layered, [
      parameter("a.{i}", ["mlp:out"]),
      parameter("b", ["mlp:out"]),
    ]);
    expect(failure(both, both)).toMatchObject({
      code: "plan/layer-space",
      tensor: "b",
      expected: "stack encoder",
    });
  });
});

describe("estimates", () => {
  it("counts the parameters of BERT-Base as published: 110 M with pooler, less its 590592", () => {
    const base = bertLayout({
      layers: 12,
      hidden: 768,
      heads: 12,
      intermediate: 3072,
      vocab: 30522,
      positions: 512,
      tied: true,
    });
    // BertModel has 109482240 parameters, 590592 of them its pooler; the head adds 592128 and a bias of 30522.
    expect(parameterCount(base)).toBe(109482240 - 590592 + 592128 + 30522);
    const bare = bareBertLayout({
      layers: 12,
      hidden: 768,
      heads: 12,
      intermediate: 3072,
      vocab: 30522,
      positions: 512,
    });
    expect(parameterCount(bare)).toBe(109482240 - 590592);
  });

  it("counts matrix products, readouts and attention", () => {
    for (const tied of [false, true]) {
      const layout = bertLayout({ ...smallSizes, tied });
      const upToAttention = 2 * 3 * 16 * 16 + 4 * 8 * 16;
      const behindIt = 2 * (16 * 16 + 2 * 16 * 32);
      const head = 2 * (16 * 16 + 90 * 16);
      const flops = estimateFlops(layout, { tokens: 64, sequence: 8, labelledFraction: 0.25 });
      // the last layer and the head go on with the labelled quarter alone
      expect(flops.forward).toBe(64 * (2 * upToAttention + behindIt) + 16 * (behindIt + head));
      expect(flops.training).toBe(3 * flops.forward);
    }
  });

  it("counts patches per token and classes once per sequence, look-ups not at all", () => {
    const layout = tinyLayout(
      3,
      {
        embed: growing(4),
        query: growing(4),
        key: growing(4),
        value: growing(6),
        channel: fixed(3),
        patch: fixed(2),
        label: fixed(5),
        position: fixed(7),
        one: fixed(1),
      },
      [
        parameter("patch.weight", ["embed:out", "channel:fixed", "patch:fixed", "patch:fixed"]),
        parameter("position", ["one:fixed", "position:fixed", "embed:out"]),
        parameter("h.{i}.c_attn", ["embed:in", "query+key+value:out"]),
        parameter("classifier.weight", ["label:fixed", "embed:in"]),
      ],
    );
    const { forward } = estimateFlops(layout, { tokens: 14, sequence: 7, labelledFraction: 1 });
    const attention = 3 * 2 * 7 * (4 + 6);
    expect(forward).toBe(14 * (2 * 4 * 12 + 3 * 2 * 4 * 14 + attention) + 2 * 2 * 5 * 4);
  });
});
