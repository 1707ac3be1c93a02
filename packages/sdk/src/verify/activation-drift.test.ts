import { createRandom, multiply, type Matrix } from "@ligo/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activationDrift } from "./activation-drift.js";

function normal(rows: number, columns: number, seed: number): Matrix {
  const random = createRandom(seed);
  return {
    rows,
    columns,
    data: Float32Array.from({ length: rows * columns }, () => random.normal()),
  };
}

/** A rotation of the first two units by an angle. */
function rotation(size: number, angle: number): Matrix {
  const data = new Float32Array(size * size);
  for (let index = 2; index < size; index++) data[index * (size + 1)] = 1;
  [data[0], data[1]] = [Math.cos(angle), -Math.sin(angle)];
  [data[size], data[size + 1]] = [Math.sin(angle), Math.cos(angle)];
  return { rows: size, columns: size, data };
}

const states = [normal(12, 5, 1), normal(12, 5, 2), normal(12, 5, 3)];

describe("activationDrift", () => {
  it("is zero where the grown states are the map of the small ones, and finds inserted identities", async () => {
    const map = normal(8, 5, 4);
    const grown = await Promise.all(
      [0, 1, 1, 2].map((of) => multiply(states[of] as Matrix, map, { transposeB: true })),
    );
    const found = await activationDrift(states, grown, map);
    expect(found.map(({ layer, of, drift }) => [layer, of, drift])).toEqual([
      [0, 0, 0],
      [1, 1, 0],
      [2, 1, 0],
      [3, 2, 0],
    ]);
  });

  it("measures the distance from the mapped states relative to their size", async () => {
    const [state] = states as [Matrix];
    const map = rotation(5, 0);
    const doubled = { ...state, data: state.data.map((value) => 2 * value) };
    const [found] = await activationDrift([state], [doubled], map);
    expect(found).toEqual({
      layer: 0,
      of: 0,
      drift: 1,
      alignment: expect.closeTo(1, 12) as number,
      scale: expect.closeTo(2, 12) as number,
    });
  });

  it("compares what enters with what enters and what leaves with what leaves, whatever is closest", async () => {
    const found = await activationDrift(states, states.toReversed(), undefined);
    expect(found.map(({ of, drift }) => [of, drift])).toEqual([
      [0, null],
      [1, null],
      [2, null],
    ]);
    expect(found[0]?.alignment).toBeLessThan(0.9);
  });

  it("aligns states up to rotation, scale and offset, and less than fully otherwise", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        async (angle, factor, offset) => {
          const [state, other] = states as [Matrix, Matrix];
          const turned = await multiply(state, rotation(5, angle), { transposeB: true });
          const moved = { ...turned, data: turned.data.map((value) => factor * value + offset) };
          const [same] = await activationDrift([state], [moved], undefined);
          // float32 numbers that were rotated, scaled and shifted
          expect(same?.alignment).toBeCloseTo(1, 5);
          const [different] = await activationDrift([state], [other], undefined);
          expect(different?.alignment).toBeGreaterThanOrEqual(0);
          expect(different?.alignment).toBeLessThan(0.99);
        },
      ),
      { numRuns: 30, seed: 1 },
    );
  });
});
