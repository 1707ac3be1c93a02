import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomMatrix } from "../__fixtures__/random-matrix.js";
import { createRandom } from "../random.js";
import { neededSources } from "./depth-weights.js";
import type { Expression } from "./expression.js";
import { materialise } from "./materialise.js";
import type { Matrix } from "./operator.js";

describe("materialise", () => {
  const expression = (order: Expression["order"], map: string | string[]): Expression => ({
    name: "w.0",
    parameter: "w.{i}",
    shape: [5, 4],
    sourceShape: [3, 2],
    sources: ["w.0", "w.1"],
    order,
    terms: [
      {
        depth: { tensor: "depth", row: 0 },
        axes: [[{ oldSize: 3, newSize: 5, map }], [{ oldSize: 2, newSize: 4, map: "A" }]],
      },
    ],
  });

  it("is the explicit Kronecker product: vec(B W A^T) = (A kron B) vec(W)", async () => {
    const size = fc.integer({ min: 1, max: 5 });
    await fc.assert(
      fc.asyncProperty(size, size, size, size, fc.integer(), async (m1, n1, m2, n2, seed) => {
        const random = createRandom(seed);
        const [b, a] = [randomMatrix(m2, m1, random), randomMatrix(n2, n1, random)];
        const w = randomMatrix(m1, n1, random).data;
        const grown = await materialise(
          {
            name: "w",
            parameter: "w",
            shape: [m2, n2],
            sourceShape: [m1, n1],
            sources: ["w"],
            order: "depth-then-width",
            terms: [
              {
                axes: [
                  [{ oldSize: m1, newSize: m2, map: "B" }],
                  [{ oldSize: n1, newSize: n2, map: "A" }],
                ],
              },
            ],
          },
          {
            tensors: new Map([
              ["A", a],
              ["B", b],
            ]),
          },
          [w],
        );
        // vec stacks columns: entry (row, column) of an m x n matrix stands at column * m + row.
        const expected = new Float64Array(m2 * n2);
        for (let p = 0; p < m2 * n2; p++) {
          for (let q = 0; q < m1 * n1; q++) {
            const kron =
              a.data[Math.floor(p / m2) * n1 + Math.floor(q / m1)]! *
              b.data[(p % m2) * m1 + (q % m1)]!;
            expected[(p % m2) * n2 + Math.floor(p / m2)]! +=
              kron * w[(q % m1) * n1 + Math.floor(q / m1)]!;
          }
        }
        // Up to 25 products of normals, and one float32 rounding between the two maps.
        expect(grown).toBeAllClose(expected, { absolute: 1e-4, relative: 1e-5 });
      }),
      { seed: 1 },
    );
  });

  it("gives the same in both orders where source layers share their maps", async () => {
    const random = createRandom(3);
    const b = randomMatrix(5, 3, random);
    const tensors = new Map([
      ["A", randomMatrix(4, 2, random)],
      ["B", b],
      ["B.0", b],
      ["B.1", b],
      ["depth", randomMatrix(1, 2, random)],
    ]);
    const sources = [randomMatrix(3, 2, random).data, randomMatrix(3, 2, random).data];
    const first = await materialise(expression("depth-then-width", "B"), { tensors }, sources);
    const second = await materialise(
      expression("width-then-depth", ["B.0", "B.1"]),
      { tensors },
      sources,
    );
    // Rounding to float32 happens at other places.
    expect(first).toBeAllClose(second, { absolute: 1e-5 });
  });

  it("uses the map of each source layer, as the paper's equation 8", async () => {
    const tensors = new Map<string, Matrix>([
      ["B.0", { rows: 2, columns: 1, data: Float32Array.of(1, 2) }],
      ["B.1", { rows: 2, columns: 1, data: Float32Array.of(3, 5) }],
      ["depth", { rows: 1, columns: 2, data: Float32Array.of(10, 100) }],
    ]);
    const grown = await materialise(
      {
        name: "b.0",
        parameter: "b.{i}",
        shape: [2],
        sourceShape: [1],
        sources: ["b.0", "b.1"],
        order: "width-then-depth",
        terms: [
          {
            depth: { tensor: "depth", row: 0 },
            axes: [[{ oldSize: 1, newSize: 2, map: ["B.0", "B.1"] }]],
          },
        ],
      },
      { tensors },
      [Float32Array.of(7), Float32Array.of(11)],
    );
    expect([...grown]).toEqual([10 * 7 + 100 * 3 * 11, 10 * 2 * 7 + 100 * 5 * 11]);
  });

  it("sums terms", async () => {
    const tensors = new Map<string, Matrix>([
      ["M", { rows: 2, columns: 1, data: Float32Array.of(1, 2) }],
      ["N", { rows: 2, columns: 1, data: Float32Array.of(10, 30) }],
    ]);
    const term = (map: string) => ({ axes: [[{ oldSize: 1, newSize: 2, map }]] });
    const grown = await materialise(
      {
        name: "b",
        parameter: "b",
        shape: [2],
        sourceShape: [1],
        sources: ["b"],
        order: "depth-then-width",
        terms: [term("M"), term("N")],
      },
      { tensors },
      [Float32Array.of(3)],
    );
    expect([...grown]).toEqual([33, 96]);
  });

  it("needs only sources of nonzero weight", async () => {
    const tensors = new Map<string, Matrix>([
      ["A", randomMatrix(4, 2, createRandom(1))],
      ["B", randomMatrix(5, 3, createRandom(2))],
      ["depth", { rows: 1, columns: 2, data: Float32Array.of(0, 1) }],
    ]);
    const only = expression("depth-then-width", "B");
    expect(neededSources(only, { tensors })).toEqual([1]);
    const grown = await materialise(only, { tensors }, [undefined, new Float32Array(6).fill(1)]);
    expect(grown).toHaveLength(20);
  });

  it("refuses wrong shapes, absent maps and sources of the wrong size", async () => {
    const random = createRandom(1);
    const tensors = new Map<string, Matrix>([
      ["A", randomMatrix(4, 2, random)],
      ["B", randomMatrix(5, 3, random)],
      ["depth", randomMatrix(1, 2, random)],
    ]);
    const plain = expression("depth-then-width", "B");
    const source = new Float32Array(6);
    await expect(
      materialise(plain, { tensors }, [source, new Float32Array(5)]),
    ).rejects.toMatchObject({
      code: "operator/source-size",
      tensor: "w.1",
      expected: "6",
      actual: "5",
    });
    const wide = new Map(tensors).set("B", randomMatrix(5, 4, random));
    await expect(materialise(plain, { tensors: wide }, [source, source])).rejects.toMatchObject({
      code: "operator/wrong-shape",
      tensor: "B",
      expected: "[5, 3]",
      actual: "[5, 4]",
    });
    const deep = new Map(tensors).set("depth", randomMatrix(1, 3, random));
    await expect(materialise(plain, { tensors: deep }, [source, source])).rejects.toMatchObject({
      code: "operator/wrong-shape",
      tensor: "depth",
    });
    const none = new Map([...tensors].filter(([name]) => name !== "B"));
    await expect(materialise(plain, { tensors: none }, [source, source])).rejects.toMatchObject({
      code: "operator/missing-tensor",
      tensor: "B",
    });
  });
});
