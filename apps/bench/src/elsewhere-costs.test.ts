import { readFileSync } from "node:fs";
import { checkConfig, createPlan, parameterCount, type Layout } from "@ligo/core";
import { gpt2 } from "@ligo/gpt2";
import { describe, expect, it } from "vitest";
import { elsewhereCosts } from "./elsewhere-costs.js";

/** A measurement by tooling/fixtures/measure-learn-operator.mjs. */
interface Measured {
  readonly source: Readonly<Record<string, number>>;
  readonly target: Readonly<Record<string, number>>;
  readonly runs: readonly {
    readonly processes: number;
    readonly shard: boolean;
    readonly memoryBytes: number;
    readonly sentBytes: number;
  }[];
}

const measured = JSON.parse(
  readFileSync(new URL("../results/learn-elsewhere.json", import.meta.url), "utf8"),
) as Measured;

const layoutOf = (config: object): Layout =>
  gpt2.layout(checkConfig(gpt2, { model_type: "gpt2", ...config }), "GPT2LMHeadModel");

const source = layoutOf(measured.source);
const plan = createPlan(source, layoutOf({ ...measured.source, ...measured.target }));

describe("elsewhereCosts", () => {
  it.each(measured.runs)(
    "says what $processes process(es) send, shard $shard",
    ({ memoryBytes, processes, sentBytes, shard }) => {
      const costs = elsewhereCosts(plan, "target-layer", { count: processes, shard, parts: 1 });
      // printed in tenths of a megabyte; losses and norms are a few bytes
      expect(Math.abs(costs.sent - sentBytes)).toBeLessThan(0.1e6);
      expect(costs.state).toBeLessThan(memoryBytes);
    },
  );

  it("divides what is shared, and keeps a copy of everything elsewhere", () => {
    const of = (count: number, shard: boolean): number =>
      elsewhereCosts(plan, "target-layer", { count, shard, parts: 1 }).state;
    expect(of(1, true)).toBe(of(1, false));
    expect(of(8, false)).toBe(of(1, false));
    expect(of(64, true)).toBeLessThan(of(8, true));
    // nothing of the target but what stands outside its layers, the source and the operator's small matrices stays
    expect(of(1e9, true)).toBeLessThan(4 * parameterCount(source));
  });

  it("sends in proportion to the parts of a batch where sources are shared", () => {
    const of = (parts: number): number =>
      elsewhereCosts(plan, "target-layer", { count: 8, shard: true, parts }).sent;
    expect(of(8) / of(1)).toBeCloseTo(8, 2);
  });
});
