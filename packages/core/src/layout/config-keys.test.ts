import { expect, it } from "vitest";
import type { RawConfig } from "./architecture.js";
import { canonicalKeys, configKeys } from "./config-keys.js";
import { checkConfig } from "./check-config.js";
import { textEncoderConfig } from "./text-encoder-config.js";

const architecture = {
  config: textEncoderConfig("test", { name: "Test", vocabulary: 10 }),
  modelTypes: ["test"],
  aliases: { n_layer: "num_hidden_layers", n_embd: "hidden_size" },
};

it("brings keys to the names that are read", () => {
  expect(canonicalKeys(architecture, { n_layer: 3, hidden_size: 8, other: 1 })).toEqual({
    num_hidden_layers: 3,
    hidden_size: 8,
    other: 1,
  });
  const plain = { hidden_size: 8 };
  expect(canonicalKeys(architecture, plain)).toBe(plain);
});

it("takes equal values under both names for one, and names both where they differ", () => {
  expect(canonicalKeys(architecture, { n_layer: 3, num_hidden_layers: 3 })).toEqual({
    num_hidden_layers: 3,
  });
  expect(() =>
    canonicalKeys(architecture, { num_hidden_layers: 2, n_layer: 3 }, "x/config.json"),
  ).toThrow(
    expect.objectContaining({
      code: "config/alias-conflict",
      message:
        "x/config.json: num_hidden_layers is 2 and n_layer is 3, but both are names of one key. Remove one of them.",
    }),
  );
});

it("is what a config is checked by", () => {
  const raw = { model_type: "test", n_layer: 3, n_embd: 24 };
  expect(checkConfig(architecture, raw)).toMatchObject({ num_hidden_layers: 3, hidden_size: 24 });
});

it("knows the keys that a schema reads, those without a default too", () => {
  const keys = configKeys(architecture);
  expect(keys).toEqual(
    expect.arrayContaining(["hidden_size", "num_labels", "id2label", "n_layer", "is_decoder"]),
  );
  expect(keys).not.toContain("hiden_size");
});

it("knows them of any schema that reads an object", () => {
  const validate = (value: unknown): { value: RawConfig } => ({
    value: { size: (value as { size?: number }).size ?? 1 },
  });
  const config = { "~standard": { version: 1, vendor: "test", validate } } as const;
  expect(configKeys({ config })).toEqual(["size"]);
});
