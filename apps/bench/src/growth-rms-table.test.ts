import { describe, expect, it } from "vitest";
import { kindOf, rmsByKind, rmsRows } from "./growth-rms-table.js";

describe("root mean squares by kind", () => {
  it("joins the layers of a kind, whatever they are called", () => {
    expect(kindOf("transformer.h.11.attn.c_attn.weight")).toBe(
      "transformer.h.{i}.attn.c_attn.weight",
    );
    expect(kindOf("model.norm.weight")).toBe("model.norm.weight");
  });

  it("weigh every number alike, and are told as ratios to the source", async () => {
    const tensors = new Map([
      ["h.0.w", Float32Array.of(3, 3, 3)],
      ["h.1.w", Float32Array.of(5)],
      ["bias", Float32Array.of(0)],
    ]);
    const read = async (name: string): Promise<Float32Array> => tensors.get(name)!;
    const source = await rmsByKind([...tensors.keys()], read);
    // (3 * 9 + 25) / 4 = 13
    expect(source).toEqual(
      new Map([
        ["h.{i}.w", Math.sqrt(13)],
        ["bias", 0],
      ]),
    );
    const half = new Map([...source].map(([kind, value]) => [kind, value / 2]));
    expect(rmsRows(["a/half"], source, [half])).toEqual([
      ["tensor", "source", "half"],
      ["h.{i}.w", "3.61", "0.500"],
      ["bias", "0.00", "-"],
    ]);
  });
});
