import { expect, it } from "vitest";
import type { StoredOperator } from "../operator/stored-operator.js";
import { operatorMaps } from "./operator-maps.js";

/** An operator of ones on the diagonal, which notes what is read. */
function diagonal(shapes: Readonly<Record<string, readonly [number, number]>>): {
  readonly operator: StoredOperator;
  readonly reads: string[];
} {
  const reads: string[] = [];
  const tensors = new Map(
    Object.entries(shapes).map(([name, [rows, columns]]) => [name, { rows, columns }]),
  );
  const operator: StoredOperator = {
    architecture: "bert",
    order: "depth-then-width",
    widthScope: "target-layer",
    terms: 1,
    tensors,
    async read(name, into, start) {
      if (start === 0) reads.push(name);
      const { columns } = tensors.get(name)!;
      for (const index of into.keys()) into[index] = (start + index) % (columns + 1) === 0 ? 1 : 0;
    },
    check: () => undefined,
  };
  return { operator, reads };
}

it("forgets large maps that are not in use for others, and never small ones", async () => {
  // Two of the large ones are more than what is kept.
  const { operator, reads } = diagonal({
    "width.mlp.0": [2400, 2400],
    "width.mlp.1": [2400, 2400],
    "depth.weight": [12, 6],
  });
  const maps = operatorMaps(operator);
  const depth = await maps.get("depth.weight", "whole");
  const first = await maps.get("width.mlp.0", "axis");
  expect(first?.rows.copied).toEqual([{ row: 0, column: 0, count: 2400 }]);
  // What is in use is not forgotten, and what is read ahead waits for a place.
  await maps.prepare("width.mlp.1", "axis");
  expect(await maps.get("width.mlp.0", "axis")).toBe(first);
  expect(reads).toEqual(["depth.weight", "width.mlp.0"]);

  maps.release();
  await maps.prepare("width.mlp.1", "axis");
  await maps.get("width.mlp.1", "axis");
  expect(await maps.get("depth.weight", "whole")).toBe(depth);
  expect(reads).toEqual(["depth.weight", "width.mlp.0", "width.mlp.1"]);
  await maps.get("width.mlp.0", "axis");
  expect(reads.slice(3)).toEqual(["width.mlp.0"]);
});
