import { expandLayout, isOwned } from "@ligo/core/layout";
import {
  createOnnxEngine,
  createReferenceEngine,
  type Engine,
  type Numbers,
  type TensorSpecs,
} from "@ligo/engine";
import { createModel, tensorParameters } from "@ligo/nn";
import { gradientProgram, learnableSpecs } from "@ligo/train";
import type * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { readFixture, readFixtureConfig } from "./__fixtures__/read-fixture.js";
import { bert } from "./index.js";

const engines: readonly Engine[] = [createOnnxEngine(), createReferenceEngine()];
const fixtures = ["bert-tiny", "bert-tiny-untied"] as const;

/** Largest difference relative to the largest expected magnitude. */
function relative(actual: Numbers, expected: Numbers): number {
  let difference = 0;
  let scale = 0;
  expected.forEach((value, index) => {
    difference = Math.max(difference, Math.abs(value - (actual[index] as number)));
    scale = Math.max(scale, Math.abs(value));
  });
  return difference / Math.max(scale, 1e-30);
}

describe.each(engines.map((engine) => [engine.name, engine] as const))(
  "Hugging Face parity on the %s engine",
  (_name, engine) => {
    it.each(fixtures)("logits, loss and gradients of %s", async (fixture) => {
      const { config, layout } = readFixtureConfig(`${fixture}/config.json`);
      const model = await createModel(bert, config, layout.className);
      const stored = readFixture(`${fixture}/model.safetensors`);
      const inputs = readFixture(`${fixture}/inputs.safetensors`);
      const expected = readFixture(`${fixture}/expected.safetensors`);
      const weights = Object.fromEntries(
        expandLayout(layout)
          .filter(({ parameter }) => isOwned(parameter))
          .map(({ name }) => [name, stored[name]?.data as Float32Array]),
      );
      const batch: TensorSpecs = Object.fromEntries(
        Object.entries(inputs).map(([name, { shape }]) => [
          name,
          { shape, dtype: "int32" as const },
        ]),
      );
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, { data }]) => [name, data]),
      );

      const forward = await engine.compile(
        {
          state: {},
          frozen: learnableSpecs(layout),
          inputs: batch,
          build: ({ frozen, inputs: given }) => ({
            outputs: model.forward(tensorParameters(frozen), given),
          }),
        },
        { state: {}, frozen: weights },
      );
      const { logits } = await forward.run(feeds);
      // float32 sums in another order than PyTorch's
      expect(logits).toBeAllClose(expected["logits"]?.data, { absolute: 1e-5 });

      const gradients = await engine.compile(
        gradientProgram({
          learnable: learnableSpecs(layout),
          frozen: {},
          batch,
          loss: (tensors, _frozen, given) =>
            model.objectives["masked-lm"]?.loss(tensorParameters(tensors), given) as tf.Scalar,
        }),
        {
          state: {},
          frozen: Object.fromEntries(
            Object.entries(weights).map(([name, data]) => [`learnable/${name}`, data]),
          ),
        },
      );
      const outputs = await gradients.run(feeds);
      expect(
        Math.abs(
          ((outputs["loss"] as Numbers)[0] as number) - (expected["loss"]?.data[0] as number),
        ),
      ).toBeLessThan(1e-6);
      // A key's bias shifts all scores of a query alike, which softmax ignores: its true gradient is zero, and both sides
      // hold rounding noise of about 1e-9 that no relative tolerance can compare.
      const zeroGradients = Object.keys(expected).filter((name) => name.endsWith("self.key.bias"));
      for (const name of zeroGradients) {
        expect(outputs[`gradient/${name.slice(5)}`]).toBeAllClose(expected[name]?.data, {
          absolute: 1e-7,
        });
      }
      const worst = Object.entries(expected)
        .filter(([name]) => name.startsWith("grad.") && !zeroGradients.includes(name))
        .map(([name, { data }]) => ({
          name,
          error: relative(outputs[`gradient/${name.slice(5)}`] as Numbers, data),
        }))
        .filter(({ error }) => !(error < 1e-4));
      expect(worst).toEqual([]);
    });
  },
);
