import { createOnnxEngine, createReferenceEngine } from "@ligo/engine";
import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { lastTokens } from "./last-tokens.js";

const engines = [createOnnxEngine(), createReferenceEngine()].map(
  (engine) => [engine.name, engine] as const,
);

describe.each(engines)("lastTokens on the %s engine", (_name, engine) => {
  const rows = async (
    ids: readonly number[],
    shape: readonly [number, number],
    pad?: number,
  ): Promise<number[]> => {
    const compiled = await engine.compile(
      {
        state: {},
        frozen: {},
        inputs: { ids: { shape, dtype: "int32" } },
        // outputs are float32
        build: ({ inputs }) => ({
          outputs: { rows: lastTokens(inputs["ids"] as tf.Tensor2D, pad).toFloat() },
        }),
      },
      { state: {}, frozen: {} },
    );
    const outputs = await compiled.run({ ids: Int32Array.from(ids) });
    await compiled.dispose();
    return [...(outputs["rows"] ?? [])];
  };

  it("are those before the padding, wherever that stands", async () => {
    const padded = [5, 6, 7, 8, 5, 6, 0, 0, 0, 0, 5, 6, 5, 0, 6, 0, 0, 0, 0, 0];
    expect(await rows(padded, [5, 4], 0)).toEqual([3, 5, 11, 14, 16]);
  });

  it("are the very last where a single text cannot have padding", async () => {
    expect(await rows([5, 0, 0], [1, 3])).toEqual([2]);
  });

  it("are not guessed for several texts", () => {
    expect(() => lastTokens({ shape: [2, 3] } as tf.Tensor2D, undefined)).toThrow(
      expect.objectContaining({ code: "config/no-pad-token" }),
    );
  });
});
