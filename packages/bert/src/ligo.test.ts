import { createModel } from "@ligo/nn";
import { createPlan, decodeOperator } from "@ligo/core";
import { CONTRACTION_ORDERS } from "@ligo/core/cost";
import { createOnnxEngine, createReferenceEngine, type Engine, type Numbers } from "@ligo/engine";
import type { ContractionPolicy, Objective } from "@ligo/nn";
import { gradientProgram, operatorLoss } from "@ligo/train";
import { describe, expect, it } from "vitest";
import { readFixture, readFixtureConfig } from "./__fixtures__/read-fixture.js";
import { bert } from "./index.js";

const engines: readonly Engine[] = [createOnnxEngine(), createReferenceEngine()];
const orders: readonly ContractionPolicy[] = ["planned", ...CONTRACTION_ORDERS];
const cases = engines.flatMap((engine) =>
  orders.map((order) => [engine.name, order, engine] as const),
);

describe("the published code's LiGO step on a tiny BERT", () => {
  it.each(cases)(
    "loss and operator gradients on the %s engine, order %s",
    async (_name, contraction, engine) => {
      const small = readFixtureConfig("ligo-reference/small/config.json");
      const large = readFixtureConfig("ligo-reference/large-config.json");
      const plan = createPlan(small.layout, large.layout);
      const operator = decodeOperator(
        plan,
        {
          format: "ligo.operator",
          format_version: "1",
          architecture: "bert",
          order: "depth-then-width",
          width_scope: "target-layer",
        },
        new Map(
          Object.entries(readFixture("ligo-reference/operator.safetensors")).map(
            ([name, { data, shape }]) => [name, { data: data as Float32Array, shape }],
          ),
        ),
      );
      const source = new Map(
        Object.entries(readFixture("ligo-reference/small/model.safetensors")).map(
          ([name, { data }]) => [name, data as Float32Array],
        ),
      );
      const batch = readFixture("ligo-reference/batch.safetensors");
      const expected = readFixture("ligo-reference/operator-gradients.safetensors");
      const objective = (await createModel(bert, large.config, "BertForMaskedLM")).objectives[
        "masked-lm"
      ] as Objective;
      const problem = operatorLoss({
        plan,
        operator,
        objective,
        source,
        contraction,
        batch: {
          input_ids: { shape: [3, 12], dtype: "int32" },
          labels: { shape: [3, 12], dtype: "int32" },
        },
      });
      const values = Object.fromEntries(
        Object.entries(problem.values).map(([name, data]) => [`learnable/${name}`, data]),
      );
      const compiled = await engine.compile(gradientProgram(problem), {
        state: {},
        frozen: { ...problem.frozenValues, ...values },
      });
      const outputs = await compiled.run({
        input_ids: batch["input_ids"]?.data as Numbers,
        labels: batch["labels"]?.data as Numbers,
      });
      // float32 rounding in another order of the same products
      expect(
        Math.abs(((outputs["loss"] as Numbers)[0] as number) - (batch["loss"]?.data[0] as number)),
      ).toBeLessThan(1e-5);
      expect(Object.keys(problem.learnable).sort()).toEqual(Object.keys(expected).sort());
      // A key's bias shifts all scores of a query alike, which softmax ignores: its depth gradient is rounding noise.
      const zero = Object.keys(expected).filter((name) => name.includes("self.key.bias"));
      for (const name of zero)
        expect(outputs[`gradient/${name}`]).toBeAllClose(expected[name]?.data, { absolute: 1e-7 });
      const worst = Object.entries(expected)
        .filter(([name]) => !zero.includes(name))
        .map(([name, { data }]) => {
          const scale = Math.max(...data.map(Math.abs));
          const actual = outputs[`gradient/${name}`] as Numbers;
          return {
            name,
            error:
              Math.max(...data.map((value, index) => Math.abs(value - (actual[index] as number)))) /
              scale,
          };
        })
        .filter(({ error }) => !(error < 1e-4));
      expect(worst).toEqual([]);
    },
  );
});
