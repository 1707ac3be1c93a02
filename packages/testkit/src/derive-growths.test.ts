import { expect, it } from "vitest";
import { grouped } from "./__fixtures__/grouped-toy.js";
import { toy, toyFixtures } from "./__fixtures__/toy.js";
import { deriveGrowths } from "./derive-growths.js";

const small = {
  model_type: "grouped",
  vocab_size: 13,
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  head_dim: 4,
  intermediate_size: 10,
};

it("changes the keys that lead to one factor alone, and all of them", () => {
  const growths = new Map(deriveGrowths(grouped, small).map((one) => [one.name, one]));
  const alone: readonly (readonly [string, string, object])[] = [
    ["embed x 2", "embed", { hidden_size: 16 }],
    ["kvHead x 2", "kvHead", { num_attention_heads: 16, num_key_value_heads: 4 }],
    ["group x 1.5", "group", { num_attention_heads: 12 }],
    ["channel x 2", "channel", { head_dim: 8 }],
    ["mlp x 1.5", "mlp", { intermediate_size: 15 }],
    ["layers of decoder x 2", "layers of decoder", { num_hidden_layers: 4 }],
    ["smaller groups x 2", "kvHead", { num_attention_heads: 8, num_key_value_heads: 4 }],
  ];
  for (const [name, grown, keys] of alone)
    expect(growths.get(name)).toMatchObject({ grown: [grown], keys });
  expect(growths.get("everything x 2")?.grown).toEqual(
    expect.arrayContaining(["embed", "channel", "mlp", "layers of decoder"]),
  );
});

it("adds one where half as much again is no whole number", () => {
  const growths = deriveGrowths(grouped, { ...small, intermediate_size: 11 });
  expect(growths.find(({ name }) => name === "mlp + 1")?.keys).toMatchObject({
    intermediate_size: 12,
  });
  expect(growths.some(({ name }) => name === "embed + 1")).toBe(false);
});

it("changes as few others as the config allows", () => {
  const [recorded] = toyFixtures.checkpoints;
  const growths = deriveGrowths(toy, recorded?.config ?? {});
  // the toy's head size is its width over its heads
  expect(growths.find(({ name }) => name === "embed x 2")?.grown).toEqual(["embed", "channel"]);
});
