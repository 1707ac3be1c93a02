import { createOnnxEngine, createReferenceEngine } from "@ligo/engine";
import type * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { positionIds } from "./position-ids.js";

const engines = [createOnnxEngine(), createReferenceEngine()].map(
  (engine) => [engine.name, engine] as const,
);

describe.each(engines)("positionIds on the %s engine", (_name, engine) => {
  it.each([
    [1, [2, 3, 4, 5, 2, 3, 1, 1, 1, 1, 2, 3]],
    [4, [5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8]],
  ])("count from padding %i + 1 and leave padding where it is", async (pad, expected) => {
    const compiled = await engine.compile(
      {
        state: {},
        frozen: {},
        inputs: { ids: { shape: [3, 4], dtype: "int32" } },
        // outputs are float32
        build: ({ inputs }) => ({
          outputs: { positions: positionIds(inputs["ids"] as tf.Tensor2D, pad).toFloat() },
        }),
      },
      { state: {}, frozen: {} },
    );
    const ids = Int32Array.of(7, 8, 9, 9, 7, 8, 1, 1, 1, 1, 7, 8);
    const outputs = await compiled.run({ ids });
    await compiled.dispose();
    expect([...(outputs["positions"] ?? [])]).toEqual(expected);
  });
});
