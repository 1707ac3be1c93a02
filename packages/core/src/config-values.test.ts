import { describe, expect, it } from "vitest";
import { parseJson } from "./json/index.js";
import { keys, labelNames, named } from "./config-values.js";
import { number, string } from "./zod.js";

/** Numbers that Python would write otherwise, whose spelling goes along under a symbol. */
const spelled = (json: string): object => parseJson(json, { spelling: true }) as object;

describe("objects whose numbers remember how they were spelled", () => {
  it("are objects of any keys, and stay what they are", () => {
    const given = spelled('{"layer_norm_eps": 1e-5, "vocab_size": 2.0}');
    expect(Object.getOwnPropertySymbols(given)).toHaveLength(1);
    const read = keys.parse(given);
    expect(read).toEqual(given);
    expect(Object.getOwnPropertySymbols(read)).toHaveLength(1);
    for (const other of [[1], null, "a", 1]) expect(keys.safeParse(other).success).toBe(false);
  });

  it("are objects of one kind, and names of labels", () => {
    const given = spelled('{"a": 1e-5, "b": 2.0}');
    expect(named(number()).parse(given)).toEqual({ a: 1e-5, b: 2 });
    expect(named(string()).safeParse(given).success).toBe(false);
    for (const other of [[1], null, "a", 1]) {
      expect(named(number()).safeParse(other).success).toBe(false);
    }
    expect(labelNames.parse(spelled('{"0": 2.0, "1": "two"}'))).toEqual({ 0: "2", 1: "two" });
  });
});
