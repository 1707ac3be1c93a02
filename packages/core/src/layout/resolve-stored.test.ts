import { describe, expect, it } from "vitest";
import { bareBertLayout, bertLayout } from "../__fixtures__/bert-layout.js";
import { growing, parameter, tinyLayout } from "../__fixtures__/tiny-layout.js";
import type { Layout } from "./layout.js";
import { resolveTensors, type TensorHeader } from "./resolve-tensors.js";
import { writtenTensors } from "./written-tensors.js";

const sizes = { layers: 2, hidden: 16, heads: 2, intermediate: 32 };
const untied = bertLayout(sizes);
const tied = bertLayout({ ...sizes, tied: true });
const bare = bareBertLayout(sizes);

type Headers = Map<string, TensorHeader>;

const written = (layout: Layout, prefix: string = ""): Headers =>
  new Map(writtenTensors(layout).map(({ name, shape }) => [prefix + name, { shape }]));

describe("names behind wrappers", () => {
  it.each(["module.", "_orig_mod.", "model.", "_orig_mod.module.", "module._orig_mod.model."])(
    "are read without %s where all names have it",
    (prefix) => {
      for (const layout of [untied, tied, bare]) {
        const plain = resolveTensors(layout, written(layout)).tensors;
        const wrapped = resolveTensors(layout, written(layout, prefix)).tensors;
        expect([...wrapped]).toEqual([...plain].map(([name, stored]) => [name, prefix + stored]));
      }
    },
  );

  it("are refused where only some have it", () => {
    const mixed = written(untied, "module.");
    mixed.delete("module.bert.embeddings.LayerNorm.bias");
    mixed.set("bert.embeddings.LayerNorm.bias", { shape: [16] });
    expect(() => resolveTensors(untied, mixed)).toThrow(
      expect.objectContaining({ code: "layout/unexpected-tensor" }),
    );
  });

  it("keep what is the layout's own", () => {
    const layout = tinyLayout(1, { embed: growing(4) }, [
      parameter("model.table", ["embed:out"]),
      parameter("model.norm", ["embed:elem"]),
    ]);
    for (const prefix of ["", "model.", "_orig_mod."]) {
      expect([...resolveTensors(layout, written(layout, prefix)).tensors]).toEqual([
        ["model.table", `${prefix}model.table`],
        ["model.norm", `${prefix}model.norm`],
      ]);
    }
  });
});

describe("stored tensors that are not read", () => {
  it("are copies of one that is, buffers, or of no use", () => {
    const layout: Layout = {
      ...tied,
      drops: ["^bert\\.pooler\\."],
      buffers: [{ pattern: "position_ids$", holds: "positions" }],
    };
    const headers = written(layout);
    headers.set("cls.predictions.decoder.weight", { shape: [90, 16] });
    headers.set("bert.embeddings.position_ids", { shape: [1, 48] });
    headers.set("bert.pooler.dense.bias", { shape: [16] });
    const { buffers, copies, dropped, unused } = resolveTensors(layout, headers);
    expect(copies).toEqual([
      {
        name: "cls.predictions.decoder.weight",
        stored: "cls.predictions.decoder.weight",
        of: "bert.embeddings.word_embeddings.weight",
      },
    ]);
    expect([...buffers]).toEqual([["bert.embeddings.position_ids", "positions"]]);
    expect(unused).toEqual(["bert.pooler.dense.bias"]);
    expect(dropped).toHaveLength(3);
  });

  it("are copies of each other where two stand for one", () => {
    const layout = tinyLayout(1, { embed: growing(3) }, [
      parameter("new", ["embed:out"], { aliases: ["old", "older"] }),
    ]);
    const shape = [3];
    const { copies, tensors } = resolveTensors(
      layout,
      new Map([
        ["old", { shape }],
        ["older", { shape }],
      ]),
    );
    expect(tensors.get("new")).toBe("old");
    expect(copies).toEqual([{ name: "older", stored: "older", of: "old" }]);
  });
});

it("refuses layers by their number before it counts them out", () => {
  const layers = 2 ** 32;
  const huge: Layout = { ...untied, stacks: { encoder: { layers, norm: "post" } } };
  expect(() => resolveTensors(huge, written(untied))).toThrow(
    expect.objectContaining({
      code: "layout/missing-tensor",
      message: expect.stringContaining(`${layers} layers`) as string,
    }),
  );
});
