import { describe, expect, it } from "vitest";
import { drawnSources, growAll } from "../__fixtures__/drawn-sources.js";
import { growing, parameter, tinyLayout } from "../__fixtures__/tiny-layout.js";
import type { Layout } from "../layout/layout.js";
import { methodNamed, type MethodName } from "../methods/methods.js";
import { createPlan } from "../plan/create-plan.js";
import { createRandom } from "../random.js";
import { interleavedRuns } from "./interleaving.js";

const PARTS = ["query", "key", "value"];

/** Queries, keys and values in one matrix, head by head or not. */
function layout(heads: number, channels: number, interleaved: boolean): Layout {
  const factors = [
    { name: "head", size: heads },
    { name: "channel", size: channels },
  ];
  const row = growing(heads * channels, { factors });
  const { axes, ...weight } = parameter("w", [`${PARTS.join("+")}:out`, "embed:in"]);
  const [out, input] = axes;
  return tinyLayout(1, { embed: growing(3), query: row, key: row, value: row }, [
    { ...weight, axes: [interleaved ? { ...out!, interleavedBy: "head" } : out!, input!] },
  ]);
}

/** Rows of a matrix [rows, 3] in another order. */
const rows = (data: Float32Array, places: readonly number[]): Float32Array =>
  Float32Array.from(places.flatMap((place) => [...data.subarray(3 * place, 3 * place + 3)]));

/** Where each row of a matrix stored head by head stands space by space. */
function places(blocks: number, size: number): readonly number[] {
  const found: number[] = [];
  for (const { count, own, stored } of interleavedRuns({ blocks, sizes: [size, size, size] }))
    for (let row = 0; row < count; row++) found[stored + row] = own + row;
  return found;
}

describe("spaces that are stored head by head", () => {
  it("are told by their places space by space", () => {
    expect(places(2, 2)).toEqual([0, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11]);
  });

  it.each(["stack", "net2net", "ligo", "direct-copy", "ligo-width"] as MethodName[])(
    "grow by %s as those behind each other do",
    async (name) => {
      const [old, now] = [places(2, 2), places(3, 3)];
      const grown = async (interleaved: boolean): Promise<Float32Array> => {
        const plan = createPlan(layout(2, 2, interleaved), layout(3, 3, interleaved));
        const drawn = drawnSources(plan).get("w")!.data;
        const data = interleaved ? rows(drawn, old) : drawn;
        const operator = methodNamed(name).operator(plan, { random: createRandom(2) });
        // numbers that are drawn are drawn in the order of storage
        const { fresh: _fresh, perturbation: _perturbation, ...plain } = operator;
        return (await growAll(plan, plain, new Map([["w", { data }]]))).get("w")!;
      };
      expect(await grown(true)).toEqual(rows(await grown(false), now));
    },
  );
});
