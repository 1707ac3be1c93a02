import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Parameter, Rows, Space } from "../../layout/layout.js";
import type { RowGrowth, RowSpace } from "../../plan/row-growth.js";
import { memorySource } from "../read-source.js";
import { positionRows } from "./position-rows.js";
import { newTokenRows } from "./token-rows.js";

/* What torch, transformers and timm make of tables with more rows, recorded by tooling/fixtures/record-rows.py. */

interface Grid {
  readonly old: readonly [number, number];
  readonly now: readonly [number, number];
  readonly positions: readonly number[];
  readonly timm: readonly number[];
  readonly vit?: readonly number[];
  readonly dinov2?: readonly number[];
  readonly torch?: readonly number[];
}
const recorded = JSON.parse(
  readFileSync(new URL("../../__fixtures__/rows.json", import.meta.url), "utf8"),
) as {
  readonly width: number;
  readonly grids: readonly Grid[];
  readonly lines: readonly {
    readonly positions: readonly number[];
    readonly now: number;
    readonly stretched: readonly number[];
  }[];
  readonly moments: Readonly<Record<"old" | "mean" | "covariance" | "old_covariance", number[]>>;
};

const space = (size: number, rows: Rows): RowSpace => {
  const fixed: Space = { size, grows: false, scope: "model" };
  return { ...fixed, rows };
};

function largestDifference(one: Float32Array, other: readonly number[]): number {
  expect(one).toHaveLength(other.length);
  return other.reduce((most, value, at) => Math.max(most, Math.abs(value - (one[at] ?? 0))), 0);
}

/** Sums of sixteen float32 products of numbers about 1. */
const ROUNDING = 2e-6;

describe("new rows, as others make them", () => {
  it.each(recorded.grids)("patches from $old to $now", ({ old, now, positions, ...others }) => {
    const patches = (grid: readonly [number, number], antialias: boolean): RowSpace =>
      space(1 + grid[0] * grid[1], { of: "patches", first: 1, grid, antialias });
    const made = (antialias: boolean): Float32Array =>
      positionRows(Float32Array.from(positions), {
        space: "position",
        old: patches(old, antialias),
        now: patches(now, antialias),
        start: "interpolate",
      });
    expect(largestDifference(made(true), others.timm)).toBeLessThan(ROUNDING);
    const plain = [others.vit, others.dinov2, others.torch].filter((one) => one !== undefined);
    expect(plain.length).toBeGreaterThan(0);
    for (const one of plain) expect(largestDifference(made(false), one)).toBeLessThan(ROUNDING);
    // the two are not one: each is told by the other's numbers
    expect(largestDifference(made(false), others.timm)).toBeGreaterThan(1e-3);
  });

  it.each(recorded.lines)("positions stretched to $now", ({ now, positions, stretched }) => {
    const of = (size: number): RowSpace => space(size, { of: "positions", first: 0 });
    const old = of(positions.length / recorded.width);
    const growth = { space: "position", old, now: of(now), start: "interpolate" } as const;
    const made = positionRows(Float32Array.from(positions), growth);
    expect(largestDifference(made, stretched)).toBeLessThan(ROUNDING);
  });

  it("tokens by their moments", async () => {
    const { covariance, mean, old, old_covariance: oldCovariance } = recorded.moments;
    const width = mean.length;
    const parameter: Parameter = { name: "table", axes: [], initial: "normal", decay: true };
    const growth: RowGrowth = {
      space: "vocab",
      old: space(old.length / width, { of: "tokens" }),
      now: space(4200, { of: "tokens" }),
      start: "moments",
      drawn: { seed: 0, deviation: 0.02 },
    };
    const read = memorySource(new Map([["table", Float32Array.from(old)]]));
    const row = newTokenRows({ name: "table", parameter, width }, growth, read);
    const rows = await Promise.all(Array.from({ length: 4000 }, (_, index) => row(200 + index)));
    for (const [column, value] of mean.entries()) {
      const own = rows.reduce((sum, one) => sum + (one[column] ?? 0), 0) / rows.length;
      // both are means of thousands of rows that vary by 3e-5 of the table's deviation
      const deviation = Math.sqrt(oldCovariance[column * (width + 1)] ?? 0);
      expect(Math.abs(own - value)).toBeLessThan(5e-6 * deviation + 1e-6 * Math.abs(value));
    }
    for (const [index, value] of covariance.entries()) {
      const [i, j] = [Math.floor(index / width), index % width];
      const own = rows.reduce(
        (sum, one) => sum + ((one[i] ?? 0) - (mean[i] ?? 0)) * ((one[j] ?? 0) - (mean[j] ?? 0)),
        0,
      );
      const scale = Math.sqrt(
        (covariance[i * (width + 1)] ?? 0) * (covariance[j * (width + 1)] ?? 0),
      );
      // 4000 and 20,000 draws: six standard errors of each
      expect(Math.abs(own / rows.length - value)).toBeLessThan(0.2 * scale);
    }
  });
});

describe("positions that are copied", () => {
  const numbers = Float32Array.from([9, 8, 1, 2, 3]);
  const of = (size: number, first: number): RowSpace => space(size, { of: "positions", first });
  const copied = (old: RowSpace, now: RowSpace): number[] =>
    Array.from(positionRows(numbers, { space: "position", old, now, start: "copy" }));

  it("stay, and begin again behind the last", () => {
    expect(copied(of(5, 0), of(12, 0))).toEqual([9, 8, 1, 2, 3, 9, 8, 1, 2, 3, 9, 8]);
    expect(copied(of(5, 2), of(9, 2))).toEqual([9, 8, 1, 2, 3, 1, 2, 3, 1]);
  });

  it("stand behind the row of padding wherever that moves", () => {
    expect(copied(of(5, 2), of(7, 1))).toEqual([8, 1, 2, 3, 1, 2, 3]);
    expect(copied(of(5, 2), of(7, 3))).toEqual([9, 9, 8, 1, 2, 3, 1]);
  });
});
