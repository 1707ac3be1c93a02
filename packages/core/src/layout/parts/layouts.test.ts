import { describe, expect, it } from "vitest";
import { createLayout, absentParts, ofClass } from "./create-layout.js";
import { rotaryFrequencies } from "./rotary.js";
import { maskedLmHead } from "./masked-lm-head.js";
import {
  axis,
  conv1dLayer,
  embeddingTable,
  inStack,
  linearLayer,
  normLayer,
  parameter,
} from "./parameters.js";
import {
  attentionSpaces,
  fixedSpace,
  groupedAttentionSpaces,
  layerSpace,
  modelSpace,
} from "./spaces.js";
import { transformerLayer, type TransformerLayerNames } from "./transformer-layer.js";
import { expandLayout } from "../layout-names.js";
import type { Parameter } from "../layout.js";
import { headsDivide, isSingleLabel, labelCount } from "../config-fields.js";
import * as z from "../../zod.js";

/** A parameter in one line: its name, then space and role of every axis. */
const line = ({ name, axes }: Parameter): string =>
  `${name} ${axes.map(({ space, role }) => `${[space].flat().join("+")}:${role}`).join(" ")}`;

describe("parts of a layout", () => {
  it("linear layers are stored [out, in] or [in, out], with a bias or without", () => {
    const [out, read] = [axis("mlp", "out"), axis("embed", "in")];
    expect(linearLayer("fc", out, read).map(line)).toEqual([
      "fc.weight mlp:out embed:in",
      "fc.bias mlp:out",
    ]);
    expect(conv1dLayer("fc", out, read).map(line)).toEqual([
      "fc.weight embed:in mlp:out",
      "fc.bias mlp:out",
    ]);
    expect(linearLayer("fc", out, read, { bias: false }).map(line)).toEqual([
      "fc.weight mlp:out embed:in",
    ]);
    const [weight, bias] = linearLayer("fc", out, read);
    expect(weight).toMatchObject({ initial: "normal", decay: true });
    expect(bias).toMatchObject({ initial: "zeros", decay: false });
  });

  it("norms start at one and zero and do not decay", () => {
    const [weight, bias] = normLayer("ln", "embed", { readout: true });
    expect([weight!, bias!].map(line)).toEqual(["ln.weight embed:elem", "ln.bias embed:elem"]);
    expect(weight).toMatchObject({ initial: "ones", decay: false, readout: true });
    expect(bias).toMatchObject({ initial: "zeros", decay: false, readout: true });
    expect(normLayer("ln", "embed")[0]).not.toHaveProperty("readout");
  });

  it("tables write the embedding space", () => {
    expect(line(embeddingTable("wte.weight", "vocab"))).toBe("wte.weight vocab:fixed embed:out");
  });

  it("anything else is a parameter by its axes", () => {
    const projection = parameter("patch.weight", [
      axis("embed", "out"),
      ...["channel", "height", "width"].map((space) => axis(space, "fixed")),
    ]);
    expect(line(projection)).toBe("patch.weight embed:out channel:fixed height:fixed width:fixed");
    expect(inStack("blocks", [projection])).toEqual([{ ...projection, stack: "blocks" }]);
  });

  it("heads of attention meet in query and key", () => {
    const factors = [
      { name: "head", size: 3 },
      { name: "channel", size: 4 },
    ];
    expect(attentionSpaces(12, 3)).toEqual({
      query: {
        size: 12,
        grows: true,
        scope: "layer",
        factors,
        pairing: { with: "key", scale: 0.5 },
      },
      key: { size: 12, grows: true, scope: "layer", factors },
      value: { size: 12, grows: true, scope: "layer", factors },
    });
    expect(attentionSpaces(12, 3, { scale: 1, byLayer: true }).query.pairing).toEqual({
      with: "key",
      scale: 1,
      byLayer: true,
    });
  });

  it("query heads share keys and values, and context carries the values to each", () => {
    const { context, key, query, value } = groupedAttentionSpaces({
      heads: 6,
      keyValueHeads: 2,
      headSize: 4,
    });
    expect([query, key, value, context].map(({ size }) => size)).toEqual([24, 8, 8, 24]);
    expect(query.factors?.map(({ name }) => name)).toEqual(["kvHead", "group", "channel"]);
    expect(key.factors?.map(({ name }) => name)).toEqual(["kvHead", "channel"]);
    expect(context).toMatchObject({ factors: query.factors, carries: "value" });
    expect(query.pairing).toEqual({ with: "key", scale: 0.5 });
  });
});

const names: TransformerLayerNames = {
  queryKeyValue: ["h.{i}.q", "h.{i}.k", "h.{i}.v"],
  attentionOutput: "h.{i}.o",
  attentionNorm: "h.{i}.n1",
  mlpInput: "h.{i}.m1",
  mlpOutput: "h.{i}.m2",
  mlpNorm: "h.{i}.n2",
};

describe("transformerLayer", () => {
  it("is three linear layers and one, an MLP of two, and two norms", () => {
    const parameters = transformerLayer(names, { stack: "blocks", norm: "post" });
    expect(parameters.filter(({ name }) => name.endsWith(".weight")).map(line)).toEqual([
      "h.{i}.q.weight query:out embed:in",
      "h.{i}.k.weight key:out embed:in",
      "h.{i}.v.weight value:out embed:in",
      "h.{i}.o.weight embed:out value:in",
      "h.{i}.n1.weight embed:elem",
      "h.{i}.m1.weight mlp:out embed:in",
      "h.{i}.m2.weight embed:out mlp:in",
      "h.{i}.n2.weight embed:elem",
    ]);
    expect(parameters.every(({ stack }) => stack === "blocks")).toBe(true);
    const pre = transformerLayer(names, { stack: "blocks", norm: "pre" });
    expect(new Set(pre.map(line))).toEqual(new Set(parameters.map(line)));
  });

  it("may make query, key and value in one and leave out their biases", () => {
    const fused = transformerLayer(
      { ...names, queryKeyValue: ["h.{i}.qkv"] },
      { stack: "blocks", norm: "pre", storage: "in-out", queryKeyValueBias: false },
    );
    expect(fused.filter(({ axes }) => axes.length === 2).map(line)).toEqual([
      "h.{i}.qkv.weight embed:in query+key+value:out",
      "h.{i}.o.weight value:in embed:out",
      "h.{i}.m1.weight embed:in mlp:out",
      "h.{i}.m2.weight mlp:in embed:out",
    ]);
    expect(fused.map(({ name }) => name)).not.toContain("h.{i}.qkv.bias");
    expect(fused.map(({ name }) => name)).toContain("h.{i}.o.bias");
  });
});

describe("maskedLmHead", () => {
  const head = { dense: "lm.dense", norm: "lm.norm", decoder: "lm.decoder", bias: "lm.bias" };

  it("tied: works in the embedding space and reads the table", () => {
    const parameters = maskedLmHead(head, { table: "wte", tied: true });
    expect(parameters.map(line)).toEqual([
      "lm.dense.weight embed:out embed:in",
      "lm.dense.bias embed:out",
      "lm.norm.weight embed:elem",
      "lm.norm.bias embed:elem",
      "lm.bias vocab:fixed",
      "lm.decoder.weight vocab:fixed embed:in",
      "lm.decoder.bias vocab:fixed",
    ]);
    expect(parameters.filter(({ readout }) => readout).map(({ name }) => name)).toEqual([
      "lm.norm.weight",
      "lm.norm.bias",
    ]);
    expect(parameters.slice(-2).map(({ tiedTo }) => tiedTo)).toEqual(["wte", "lm.bias"]);
  });

  it("untied: works in a space of its own and writes its bias twice", () => {
    const parameters = maskedLmHead(head, { table: "wte", tied: false });
    expect(parameters.map(line)).toEqual([
      "lm.dense.weight head:out embed:in",
      "lm.dense.bias head:out",
      "lm.norm.weight head:elem",
      "lm.norm.bias head:elem",
      "lm.decoder.weight vocab:fixed head:in",
      "lm.decoder.bias vocab:fixed",
      "lm.bias vocab:fixed",
    ]);
    expect(parameters.at(-2)?.aliases).toEqual(["lm.bias"]);
    expect(parameters.at(-1)?.mirrorOf).toBe("lm.decoder.bias");
  });
});

describe("createLayout", () => {
  it("keeps the spaces that are used, fused ones too, in their order", () => {
    const layout = createLayout({
      architecture: "tiny",
      className: "TinyModel",
      spaces: {
        embed: modelSpace(4),
        ...attentionSpaces(6, 2),
        mlp: layerSpace(8),
        vocab: fixedSpace(9),
      },
      stacks: { blocks: { layers: 2, norm: "pre" } },
      parameters: inStack(
        "blocks",
        conv1dLayer("h.{i}.qkv", axis(["query", "key", "value"], "out"), axis("embed", "in")),
      ),
    });
    expect(Object.keys(layout.spaces)).toEqual(["embed", "query", "key", "value"]);
    expect(layout).toMatchObject({ renames: [], drops: [] });
    expect(expandLayout(layout).map(({ name, shape }) => [name, shape])).toEqual([
      ["h.0.qkv.weight", [4, 18]],
      ["h.1.qkv.weight", [4, 18]],
      ["h.0.qkv.bias", [18]],
      ["h.1.qkv.bias", [18]],
    ]);
  });
});

describe("ofClass", () => {
  it("finds a class, or names those there are", () => {
    expect(ofClass({ A: 1, B: 2 }, "B")).toBe(2);
    for (const className of ["C", "constructor"]) {
      expect(() => ofClass({ A: 1, B: 2 }, className)).toThrow(
        expect.objectContaining({
          code: "config/unknown-class",
          expected: "A, B",
          actual: className,
        }),
      );
    }
  });
});

describe("absentParts", () => {
  it("is a drop pattern for each prefix that no parameter has", () => {
    const parameters = linearLayer("bert.pooler.dense", axis("a", "out"), axis("b", "in"));
    const [pattern, ...others] = absentParts(parameters, ["bert.pooler.", "cls.predictions."]);
    expect(others).toEqual([]);
    expect(new RegExp(pattern!).test("cls.predictions.bias")).toBe(true);
    expect(new RegExp(pattern!).test("clsxpredictions.bias")).toBe(false);
    expect(new RegExp(pattern!).test("a.cls.predictions.bias")).toBe(false);
  });
});

describe("fields of a config", () => {
  it("labels count by their names, then by number, then two", () => {
    expect(labelCount({ id2label: { 0: "a", 1: "b", 2: "c" }, num_labels: 5 })).toBe(3);
    expect(labelCount({ num_labels: 5 })).toBe(5);
    expect(labelCount({})).toBe(2);
  });

  it.each([
    [{}, true],
    [{ problem_type: null }, true],
    [{ problem_type: "single_label_classification" }, true],
    [{ num_labels: 1 }, false],
    [{ problem_type: "regression" }, false],
    [{ num_labels: 3, problem_type: "multi_label_classification" }, false],
  ])("%j: one label of several is %j", (config, expected) => {
    expect(isSingleLabel(config)).toBe(expected);
  });

  it("heads divide the width", () => {
    const schema = z
      .object({ width: z.number(), heads: z.number() })
      .superRefine(headsDivide("width", "heads"));
    expect(schema.safeParse({ width: 12, heads: 3 }).success).toBe(true);
    expect(schema.safeParse({ width: 12, heads: 5 }).error?.issues).toMatchObject([
      { path: ["heads"], message: "width 12 is not a multiple of heads 5" },
    ]);
  });
});

it("heads that no model has are refused before their frequencies are made", () => {
  expect(() => rotaryFrequencies({ channels: 1e9, base: 1e4 })).toThrow(
    "The heads have 1000000000 channels that turn, more than the 65536 of any model.",
  );
  expect(rotaryFrequencies({ channels: 512, base: 1e4 }).inverse).toHaveLength(256);
});
