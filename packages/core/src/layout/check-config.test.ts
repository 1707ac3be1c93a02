import { describe, expect, it } from "vitest";
import { ConfigError, checkConfig, type StandardSchemaV1 } from "../index.js";
import { textEncoderConfig } from "./text-encoder-config.js";

/** An architecture whose schema answers with a result. */
function answering(answer: unknown): {
  config: StandardSchemaV1<unknown, { size: number }>;
  modelTypes: string[];
} {
  const validate = (): never => answer as never;
  return {
    config: { "~standard": { version: 1, vendor: "test", validate } },
    modelTypes: ["test"],
  };
}

describe("checkConfig", () => {
  const bert = {
    config: textEncoderConfig("bert", { name: "BERT", vocabulary: 30522 }),
    modelTypes: ["bert"],
  };

  it("fills in defaults and keeps unknown keys", () => {
    const config = checkConfig(bert, { model_type: "bert", my_key: [1] });
    expect(config).toMatchObject({ vocab_size: 30522, hidden_size: 768, my_key: [1] });
  });

  it("names every issue with its key, and the file", () => {
    const raw = { model_type: "bert", hidden_size: 10, num_attention_heads: 4, vocab_size: 0 };
    const check = (): unknown => checkConfig(bert, raw, "small/config.json");
    expect(check).toThrow(ConfigError);
    expect(check).toThrow(
      expect.objectContaining({
        code: "config/invalid",
        file: "small/config.json",
        actual: "vocab_size = 0",
        message: expect.stringMatching(/^small\/config\.json: vocab_size: .+\.$/u) as string,
      }),
    );
  });

  it("writes out paths of any kind", () => {
    const issues = [
      { message: "too long", path: ["image_size", { key: 0 }] },
      { message: "too few keys" },
    ];
    expect(() => checkConfig(answering({ issues }), {})).toThrow(
      "config.json: image_size.0: too long; too few keys.",
    );
  });

  it("refuses a schema that answers with a promise, whatever its outcome", () => {
    expect(() => checkConfig(answering(Promise.reject(new Error("late"))), {})).toThrow(
      expect.objectContaining({ code: "config/asynchronous-schema" }),
    );
  });
});
