import { checkConfig } from "@ligo/core";
import { resolveTensors } from "@ligo/core/layout";
import { createOnnxEngine, createReferenceEngine, type TensorSpecs } from "@ligo/engine";
import { createModel, tensorParameters } from "@ligo/nn";
import { readRecordedCheckpoint } from "@ligo/testkit";
import { learnableSpecs } from "@ligo/train";
import { describe, expect, it } from "vitest";
import { gpt2 } from "./index.js";

const recorded = await readRecordedCheckpoint(
  new URL("./__fixtures__/inverse-layer-scale/", import.meta.url),
);
const engines = [createOnnxEngine(), createReferenceEngine()].map(
  (engine) => [engine.name, engine] as const,
);

/** Logits of the recorded model with some keys of its config changed. */
async function logits(
  engine: (typeof engines)[number][1],
  changes: Readonly<Record<string, unknown>> = {},
): Promise<ArrayLike<number> | undefined> {
  const config = checkConfig(gpt2, { ...recorded.config, ...changes });
  const layout = gpt2.layout(config, "GPT2LMHeadModel");
  const model = await createModel(gpt2, config, "GPT2LMHeadModel");
  const { tensors } = resolveTensors(layout, recorded.tensors);
  const inputs = [...recorded.inputs].filter(([name]) => name !== "labels");
  const specs: TensorSpecs = Object.fromEntries(
    inputs.map(([name, { shape }]) => [name, { shape, dtype: "int32" }]),
  );
  const compiled = await engine.compile(
    {
      state: {},
      frozen: learnableSpecs(layout),
      inputs: specs,
      build: ({ frozen, inputs: batch }) => ({
        outputs: model.forward(tensorParameters(frozen), batch),
      }),
    },
    {
      state: {},
      frozen: Object.fromEntries(
        [...tensors].map(([name, from]) => [
          name,
          recorded.tensors.get(from)?.data as Float32Array,
        ]),
      ),
    },
  );
  const outputs = await compiled.run(
    Object.fromEntries(inputs.map(([name, { data }]) => [name, data])),
  );
  await compiled.dispose();
  return outputs["logits"];
}

describe.each(engines)("scales of the attention scores on the %s engine", (_name, engine) => {
  it("fall with the layer where the config says so", async () => {
    expect(recorded.config).toMatchObject({
      scale_attn_weights: false,
      scale_attn_by_inverse_layer_idx: true,
    });
    // float32 sums in another order than PyTorch's
    expect(await logits(engine)).toBeAllClose(recorded.outputs.get("logits")?.data, {
      absolute: 1e-5,
    });
  });

  it.each([{ scale_attn_weights: true }, { scale_attn_by_inverse_layer_idx: false }])(
    "are not those of %j",
    async (changes) => {
      expect(await logits(engine, changes)).not.toBeAllClose(recorded.outputs.get("logits")?.data, {
        absolute: 1e-3,
      });
    },
  );
});
