import { describe, expect, it } from "vitest";
import { bareBertLayout, bertLayout } from "../__fixtures__/bert-layout.js";
import { readReference } from "../__fixtures__/reference.js";
import { fixed, growing, parameter, tinyLayout } from "../__fixtures__/tiny-layout.js";
import { expandLayout, isOwned } from "./layout-names.js";
import type { Layout } from "./layout.js";
import { editDistance, nearestName } from "../nearest-name.js";
import { readResolved, resolveTensors, type TensorHeader } from "./resolve-tensors.js";
import { writtenTensors } from "./written-tensors.js";

const sizes = { layers: 2, hidden: 16, heads: 2, intermediate: 32 };
const untied = bertLayout(sizes);
const tied = bertLayout({ ...sizes, tied: true });
const bare = bareBertLayout(sizes);

type Headers = Map<string, TensorHeader>;

function written(layout: Layout): Headers {
  return new Map(writtenTensors(layout).map(({ name, shape }) => [name, { shape }]));
}

function renamed(headers: Headers, change: (name: string) => string): Headers {
  return new Map([...headers].map(([name, header]) => [change(name), header]));
}

describe("expandLayout", () => {
  it("adds up fused axes and fills layers", () => {
    const layout = tinyLayout(
      2,
      { embed: growing(4), query: growing(6), key: growing(6), value: growing(8), one: fixed(1) },
      [
        parameter("h.{i}.c_attn.weight", ["embed:in", "query+key+value:out"]),
        parameter("cls", ["one:fixed", "embed:out"]),
      ],
    );
    expect(expandLayout(layout).map(({ name, shape, layer }) => [name, shape, layer])).toEqual([
      ["h.0.c_attn.weight", [4, 20], 0],
      ["h.1.c_attn.weight", [4, 20], 1],
      ["cls", [1, 4], undefined],
    ]);
  });

  it("refuses spaces and stacks that are not defined", () => {
    const noSpace = tinyLayout(1, { embed: growing(4) }, [parameter("w", ["embde:out"])]);
    expect(() => expandLayout(noSpace)).toThrow(
      expect.objectContaining({ code: "layout/unknown-space", actual: "embde", expected: "embed" }),
    );
    const noStack = tinyLayout(1, { embed: growing(4) }, [
      parameter("w.{i}", ["embed:out"], { stack: "decoder" }),
    ]);
    expect(() => expandLayout(noStack)).toThrow(
      expect.objectContaining({ code: "layout/unknown-stack", tensor: "w.{i}", actual: "decoder" }),
    );
  });
});

describe("writtenTensors", () => {
  it("is what transformers saved, untied", () => {
    const saved = [...readReference("small").tensors].map(([name, { shape }]) => [name, shape]);
    const ours = writtenTensors(untied).map(({ name, shape }) => [name, shape]);
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(saved));
  });

  it("writes mirrors as copies, ties not at all, and strips the prefix", () => {
    expect(writtenTensors(untied)).toContainEqual({
      name: "cls.predictions.bias",
      source: "cls.predictions.decoder.bias",
      shape: [90],
    });
    const names = writtenTensors(tied).map(({ name }) => name);
    expect(names).toContain("cls.predictions.bias");
    expect(names.filter((name) => name.includes("decoder"))).toEqual([]);
    const embedding = "embeddings.word_embeddings.weight";
    expect(writtenTensors(bare)).toContainEqual({
      name: embedding,
      source: `bert.${embedding}`,
      shape: [90, 16],
    });
  });
});

describe("resolveTensors", () => {
  it("finds every tensor of what is written", () => {
    for (const layout of [untied, tied, bare]) {
      const { tensors } = resolveTensors(layout, written(layout));
      const owned = writtenTensors(layout).filter(({ name, source }) => source.endsWith(name));
      expect(Object.fromEntries(tensors)).toEqual(
        Object.fromEntries(owned.map(({ name, source }) => [source, name])),
      );
    }
  });

  it("drops mirrors, ties, buffers and heads", () => {
    expect(resolveTensors(untied, written(untied)).dropped).toEqual(["cls.predictions.bias"]);
    const old = written(untied);
    old.set("bert.embeddings.position_ids", { shape: [1, 48] });
    old.set("bert.pooler.dense.weight", { shape: [16, 16] });
    old.set("cls.seq_relationship.bias", { shape: [2] });
    const { tensors, dropped } = resolveTensors(tied, old);
    expect(tensors.get("cls.predictions.bias")).toBe("cls.predictions.bias");
    expect(dropped.toSorted()).toEqual([
      "bert.embeddings.position_ids",
      "bert.pooler.dense.weight",
      "cls.predictions.decoder.bias",
      "cls.predictions.decoder.weight",
      "cls.seq_relationship.bias",
    ]);
  });

  it("reads old names, and a bare model with and without prefix", () => {
    const gamma = renamed(written(untied), (name) =>
      name.replace(/(LayerNorm\.)weight$/, "$1gamma").replace(/(LayerNorm\.)bias$/, "$1beta"),
    );
    const name = "bert.embeddings.LayerNorm.weight";
    expect(resolveTensors(untied, gamma).tensors.get(name)).toBe("bert.embeddings.LayerNorm.gamma");

    expect(resolveTensors(bare, written(bare)).tensors.get(name)).toBe(
      "embeddings.LayerNorm.weight",
    );
    const full = resolveTensors(bare, written(tied));
    expect(full.tensors.get(name)).toBe(name);
    expect(full.dropped).toContain("cls.predictions.transform.dense.weight");
  });

  it("takes an absent tensor from its mirror, its tied twin or an alias", () => {
    const old = written(untied);
    old.delete("cls.predictions.decoder.bias");
    expect(resolveTensors(untied, old).tensors.get("cls.predictions.decoder.bias")).toBe(
      "cls.predictions.bias",
    );

    const twin = written(tied);
    twin.delete("bert.embeddings.word_embeddings.weight");
    twin.set("cls.predictions.decoder.weight", { shape: [90, 16] });
    expect(resolveTensors(tied, twin).tensors.get("bert.embeddings.word_embeddings.weight")).toBe(
      "cls.predictions.decoder.weight",
    );

    const aliased = tinyLayout(2, { embed: growing(3) }, [
      parameter("new.{i}.w", ["embed:out"], { aliases: ["old.{i}.w"] }),
    ]);
    const headers = new Map([
      ["old.0.w", { shape: [3] }],
      ["new.1.w", { shape: [3] }],
      ["old.1.w", { shape: [3] }],
    ]);
    const resolved = resolveTensors(aliased, headers);
    expect(Object.fromEntries(resolved.tensors)).toEqual({
      "new.0.w": "old.0.w",
      "new.1.w": "new.1.w",
    });
    expect(resolved.dropped).toEqual(["old.1.w"]);
  });

  it("names an unexpected tensor and the nearest known one", () => {
    const typo = renamed(written(untied), (name) =>
      name.replace("layer.1.intermediate", "layer.1.intermedate"),
    );
    expect(() => resolveTensors(untied, typo)).toThrow(
      expect.objectContaining({
        code: "layout/unexpected-tensor",
        tensor: "bert.encoder.layer.1.intermedate.dense.weight",
        expected: "bert.encoder.layer.1.intermediate.dense.weight",
        message: expect.stringContaining("BertForMaskedLM") as string,
      }),
    );
    const deeper = written(bertLayout({ ...sizes, layers: 3 }));
    expect(() => resolveTensors(untied, deeper)).toThrow(/layer\.2\./);
  });

  it("names a missing tensor, its shape and the nearest stored name", () => {
    const headers = written(untied);
    headers.delete("bert.embeddings.LayerNorm.bias");
    expect(() => resolveTensors(untied, headers)).toThrow(
      expect.objectContaining({
        code: "layout/missing-tensor",
        tensor: "bert.embeddings.LayerNorm.bias",
        expected: "bert.embeddings.LayerNorm.bias [16]",
      }),
    );
    expect(() => resolveTensors(untied, new Map())).toThrow(
      expect.objectContaining({ code: "layout/missing-tensor", actual: "no tensors" }),
    );
  });

  it("names a tensor of the wrong shape", () => {
    const headers = written(untied);
    headers.set("bert.embeddings.LayerNorm.bias", { shape: [16, 1] });
    expect(() => resolveTensors(untied, headers)).toThrow(
      expect.objectContaining({
        code: "layout/wrong-shape",
        tensor: "bert.embeddings.LayerNorm.bias",
        expected: "[16]",
        actual: "[16, 1]",
      }),
    );
  });

  it("refuses two tensors of the same canonical name", () => {
    const headers = written(untied);
    headers.set("bert.embeddings.LayerNorm.gamma", { shape: [16] });
    expect(() => resolveTensors(untied, headers)).toThrow(
      expect.objectContaining({
        code: "layout/duplicate-tensor",
        tensor: "bert.embeddings.LayerNorm.weight",
        actual: "bert.embeddings.LayerNorm.weight, bert.embeddings.LayerNorm.gamma",
      }),
    );
  });
});

describe("tensors that may be absent", () => {
  const isHead = ({ name }: { readonly name: string }): boolean => name.startsWith("cls.");
  const headers = written(tied);
  const heads = expandLayout(tied)
    .filter((tensor) => isHead(tensor) && isOwned(tensor.parameter))
    .map(({ name }) => name);
  const [first = "", ...others] = heads;

  it("are named where they are, and are not read", () => {
    const body = new Map([...headers].filter(([name]) => !isHead({ name })));
    const { absent, tensors } = resolveTensors(tied, body, isHead);
    expect(absent.toSorted()).toEqual(heads.toSorted());
    expect([...tensors.keys()].some((name) => isHead({ name }))).toBe(false);
    expect(tensors.size).toBeGreaterThan(10);
    expect(resolveTensors(tied, headers, isHead).absent).toEqual([]);
  });

  it("are taken for absent where their shape is another", () => {
    const other = new Map([...headers, [first, { shape: [1, 2, 3] }]]);
    const { absent, dropped, tensors } = resolveTensors(tied, other, isHead);
    expect(absent).toEqual([first]);
    expect(dropped).toContain(first);
    expect(tensors.has(first)).toBe(false);
    for (const name of others) expect(tensors.get(name)).toBe(name);
  });

  it("are not those of the body", () => {
    const body = new Map([...headers].filter(([name]) => !name.includes("layer.1.")));
    expect(() => resolveTensors(tied, body, isHead)).toThrow("which");
  });
});

describe("stored tensors that hold several", () => {
  const spaces = ["query", "key", "value"] as const;
  const layout = tinyLayout(
    2,
    { embed: growing(2), query: growing(2), key: growing(3), value: growing(1) },
    [
      ...spaces.flatMap((space) => [
        parameter(`m.layer.{i}.${space}.weight`, [`${space}:out`, "embed:in"]),
        parameter(`m.layer.{i}.${space}.bias`, [`${space}:out`]),
      ]),
      parameter("m.norm", ["embed:elem"]),
    ],
    {
      strippedPrefix: "m.",
      renames: [{ pattern: "^blocks\\.", replacement: "layer." }],
      splits: [
        {
          pattern: "m\\.layer\\.(\\d+)\\.attn\\.qkv\\.(weight|bias)",
          parts: spaces.map((space) => `m.layer.$1.${space}.$2`),
        },
      ],
    },
  );
  const fused = (): Headers =>
    new Map([
      ["blocks.0.attn.qkv.weight", { shape: [6, 2] }],
      ["blocks.0.attn.qkv.bias", { shape: [6] }],
      ["blocks.1.attn.qkv.weight", { shape: [6, 2] }],
      ["blocks.1.attn.qkv.bias", { shape: [6] }],
      ["norm", { shape: [2] }],
    ]);

  it("are found for each of them, with the stretch that is theirs", async () => {
    const resolved = resolveTensors(layout, fused());
    expect(resolved.dropped).toEqual([]);
    expect(resolved.tensors.size).toBe(13);
    expect(resolved.tensors.get("m.layer.1.key.weight")).toBe("blocks.1.attn.qkv.weight");
    expect(resolved.ranges.get("m.layer.1.key.weight")).toEqual({ begin: 4, end: 10 });
    expect(resolved.ranges.has("m.norm")).toBe(false);

    const stored = async (name: string): Promise<Float32Array> =>
      name === "norm"
        ? Float32Array.of(7, 8)
        : Float32Array.from({ length: name.endsWith("weight") ? 12 : 6 }, (_, i) => i);
    const read = async (name: string): Promise<number[]> => [
      ...(await readResolved(resolved, name, stored)),
    ];
    expect(await read("m.layer.0.query.weight")).toEqual([0, 1, 2, 3]);
    expect(await read("m.layer.0.key.weight")).toEqual([4, 5, 6, 7, 8, 9]);
    expect(await read("m.layer.0.value.weight")).toEqual([10, 11]);
    const part = async (_: string, into?: Float32Array, start = 0): Promise<Float32Array> => {
      into?.set(Float32Array.from({ length: 12 }, (_, k) => k).subarray(start, start + 2));
      return into as Float32Array;
    };
    const into = new Float32Array(2);
    expect(await readResolved(resolved, "m.layer.0.key.weight", part, into, 3)).toBe(into);
    expect([...into]).toEqual([7, 8]);
    expect(await read("m.layer.1.value.bias")).toEqual([5]);
    expect(await read("m.norm")).toEqual([7, 8]);
  });

  it("may stand beside tensors that are not fused", () => {
    const { ranges } = resolveTensors(layout, written(layout));
    expect(ranges.size).toBe(0);
    const mixed = fused();
    mixed.delete("blocks.1.attn.qkv.bias");
    mixed.set("layer.1.query.bias", { shape: [2] });
    mixed.set("layer.1.key.bias", { shape: [3] });
    mixed.set("layer.1.value.bias", { shape: [1] });
    expect(resolveTensors(layout, mixed).ranges.size).toBe(9);
  });

  it("are refused where they do not fit", () => {
    const short = fused().set("blocks.0.attn.qkv.bias", { shape: [5] });
    expect(() => resolveTensors(layout, short)).toThrow(
      expect.objectContaining({
        code: "layout/wrong-shape",
        tensor: "blocks.0.attn.qkv.bias",
        expected: "[6]",
        actual: "[5]",
      }),
    );
    const twice = fused().set("layer.0.key.bias", { shape: [3] });
    expect(() => resolveTensors(layout, twice)).toThrow(
      expect.objectContaining({
        code: "layout/duplicate-tensor",
        actual: "blocks.0.attn.qkv.bias, layer.0.key.bias",
      }),
    );
    const deeper = fused().set("blocks.2.attn.qkv.bias", { shape: [6] });
    expect(() => resolveTensors(layout, deeper)).toThrow(
      expect.objectContaining({
        code: "layout/unexpected-tensor",
        tensor: "blocks.2.attn.qkv.bias",
      }),
    );
  });
});

describe("nearestName", () => {
  it("counts single-character edits", () => {
    expect(editDistance("kitten", "sitting")).toBe(3);
    expect(editDistance("", "abc")).toBe(3);
    expect(editDistance("same", "same")).toBe(0);
  });

  it("takes the first of equals and needs a candidate", () => {
    expect(nearestName("ab", ["xy", "ax", "bb"])).toBe("ax");
    expect(nearestName("ab", [])).toBeUndefined();
  });
});
