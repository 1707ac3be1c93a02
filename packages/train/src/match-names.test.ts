import { describe, expect, it } from "vitest";
import { matchNames } from "./match-names.js";

const names = ["bert.embeddings.word", "bert.embeddings.norm", "bert.layer.0.q", "head"];

describe("matchNames", () => {
  it("matches whole names, a * any part of them", () => {
    const match = (...patterns: string[]): string[] => [...matchNames(patterns, names)];
    expect(match()).toEqual([]);
    expect(match("head")).toEqual(["head"]);
    expect(match("bert.embeddings.*")).toEqual(["bert.embeddings.word", "bert.embeddings.norm"]);
    expect(match("*.norm", "head", "h*d")).toEqual(["bert.embeddings.norm", "head"]);
    expect(match("*")).toEqual(names);
    expect(match("bert.*.0.*")).toEqual(["bert.layer.0.q"]);
  });

  it.each(["bert", "embeddings.*", "bert.embeddings.words", "hea.", "[h]ead", ""])(
    "refuses %j, which matches none, and names the nearest",
    (pattern) => {
      expect(() => matchNames(["head", pattern], names)).toThrow(
        expect.objectContaining({ code: "training/unknown-pattern", actual: pattern }) as Error,
      );
    },
  );

  it("names the nearest", () => {
    expect(() => matchNames(["bert.embedding.w*"], names)).toThrow(
      expect.objectContaining({ expected: "bert.embeddings.word" }) as Error,
    );
  });
});
