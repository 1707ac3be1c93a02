import { createPlan, createRandom } from "@ligo/core";
import { ligoOperator, stackOperator } from "@ligo/core/methods";
import { describe, expect, it } from "vitest";
import { BATCH, forward, grow, randomWeights, SEQUENCE, tinyConfig } from "./__fixtures__/tiny.js";
import { bert } from "./index.js";

const wider = {
  "twice the heads": { hidden_size: 16, num_attention_heads: 4, intermediate_size: 24 },
  "heads of twice the size": { hidden_size: 16, num_attention_heads: 2, intermediate_size: 24 },
  "four times the width": { hidden_size: 32, num_attention_heads: 4, intermediate_size: 48 },
  "a wider MLP of any size": { intermediate_size: 17 },
};

/** Numbers that every class gives, by output. */
const outputs: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  BertForMaskedLM: { logits: BATCH * SEQUENCE * 23 },
  BertForSequenceClassification: { logits: BATCH * 3 },
  BertForPreTraining: {
    prediction_logits: BATCH * SEQUENCE * 23,
    seq_relationship_logits: BATCH * 2,
  },
};

const cases = Object.keys(outputs).flatMap((className) =>
  [true, false].flatMap((tied) =>
    Object.entries(wider).map(
      ([growth, sizes]) => [className, tied ? "tied" : "untied", growth, tied, sizes] as const,
    ),
  ),
);

describe("growing width with the function-preserving start", () => {
  it.each(cases)(
    "%s, %s: keeps the outputs with %s",
    async (className, _, _growth, tied, sizes) => {
      const small = tinyConfig({ tie_word_embeddings: tied });
      const large = tinyConfig({ tie_word_embeddings: tied, ...sizes });
      const plan = createPlan(bert.layout(small, className), bert.layout(large, className));
      const weights = randomWeights(plan.source, 1);
      const before = await forward(small, plan.source, weights);
      const after = await forward(
        large,
        plan.target,
        await grow(plan, stackOperator(plan), weights),
      );
      expect(Object.keys(before)).toEqual(Object.keys(outputs[className] ?? {}));
      for (const [name, size] of Object.entries(outputs[className] ?? {})) {
        expect(before[name]).toHaveLength(size);
        // logits of about one, float32 sums over twice as many terms
        expect(after[name]).toBeAllClose(before[name], { absolute: 1e-5 });
      }
    },
  );

  it("BertModel: repeats the hidden states and the pooled output", async () => {
    const small = tinyConfig();
    const large = tinyConfig(wider["twice the heads"]);
    const plan = createPlan(bert.layout(small, "BertModel"), bert.layout(large, "BertModel"));
    const weights = randomWeights(plan.source, 2);
    const before = await forward(small, plan.source, weights);
    const after = await forward(large, plan.target, await grow(plan, stackOperator(plan), weights));
    for (const [name, rows] of [
      ["last_hidden_state", BATCH * SEQUENCE],
      ["pooler_output", BATCH],
    ] as const) {
      const narrow = before[name] as Float32Array;
      expect(narrow).toHaveLength(rows * 8);
      const repeated = Array.from(
        { length: rows * 16 },
        (_, index) => narrow[Math.floor(index / 16) * 8 + (index % 8)],
      );
      expect(after[name]).toBeAllClose(repeated, { absolute: 1e-5 });
    }
  });

  it.each(["target-layer", "source-layer"] as const)(
    "LiGO's %s form starts from the same function",
    async (form) => {
      const small = tinyConfig();
      const large = tinyConfig(wider["twice the heads"]);
      const plan = createPlan(
        bert.layout(small, "BertForMaskedLM"),
        bert.layout(large, "BertForMaskedLM"),
      );
      const operator = ligoOperator(plan, createRandom(1), {
        form,
        width: "function-preserving",
        depth: "stackbert",
      });
      const weights = randomWeights(plan.source, 3);
      const after = await forward(large, plan.target, await grow(plan, operator, weights));
      const before = await forward(small, plan.source, weights);
      expect(after["logits"]).toBeAllClose(before["logits"], { absolute: 1e-5 });
    },
  );

  it("does not hold for other starts", async () => {
    const small = tinyConfig();
    const large = tinyConfig(wider["twice the heads"]);
    const plan = createPlan(
      bert.layout(small, "BertForMaskedLM"),
      bert.layout(large, "BertForMaskedLM"),
    );
    const weights = randomWeights(plan.source, 4);
    const operator = ligoOperator(plan, createRandom(1), { depth: "stackbert" });
    const before = await forward(small, plan.source, weights);
    const after = await forward(large, plan.target, await grow(plan, operator, weights));
    expect(after["logits"]).not.toBeAllClose(before["logits"], { absolute: 0.1 });
  });
});
