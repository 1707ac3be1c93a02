import { expect, it } from "vitest";
import { groupedAttentionSpaces } from "../layout/parts/spaces.js";
import { carriedSpread } from "./carried-spread.js";

const contextOf = (heads: number, keyValueHeads: number) =>
  groupedAttentionSpaces({ heads, keyValueHeads, headSize: 2 }).context;

it("shares every old head among its copies, for groups of thousands too", () => {
  // each new head against each other one of its group would be 216 million comparisons
  const [rows, columns] = [12_000, 6];
  const weights = carriedSpread(contextOf(columns, 2), contextOf(rows, 2))?.weights;
  expect(weights).toMatchObject({ rows, columns });
  for (let head = 0; head < columns; head++) {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += weights?.data[row * columns + head] ?? 0;
    // both groups of 6,000 new heads hold 2,000 copies of each of their three old heads
    expect(sum).toBeCloseTo(2, 3);
  }
});
