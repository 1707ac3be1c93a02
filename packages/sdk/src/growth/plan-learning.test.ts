import { bert } from "@ligo/bert";
import { createPlan, memorySource, type FlopsOptions, type WidthScope } from "@ligo/core";
import { attentionFlops, planContractions } from "@ligo/core/cost";
import { operatorForm } from "@ligo/core/operator";
import { createOnnxEngine } from "@ligo/engine";
import { initialWeights, learnOperator } from "@ligo/train";
import { describe, expect, it } from "vitest";
import { TINY_CONFIG } from "@ligo/vitest/tiny-model";
import { loadObjective } from "../models/load-model.js";
import { describeModel } from "../models/model-spec.js";
import { check } from "../settings/check.js";
import { growSettings } from "../settings/grow.js";
import { startOperator } from "./grow-method.js";

const SEQUENCE = 16;
const HEADS = Number(TINY_CONFIG["num_attention_heads"]);

/** FLOPs as planning counts them, and as an engine counts them in the compiled step. */
async function counted(
  batch: number,
  keys: object,
  form: WidthScope = "target-layer",
  heads: number = 2 * HEADS,
) {
  const sizes = { hidden_size: 32, intermediate_size: 128, num_hidden_layers: 2, vocab_size: 300 };
  const raw = { ...TINY_CONFIG, ...sizes, ...keys };
  const small = describeModel(bert, raw, "config.json");
  const larger = {
    hidden_size: 64,
    intermediate_size: 256,
    num_hidden_layers: 3,
    num_attention_heads: heads,
  };
  const target = describeModel(bert, { ...raw, ...larger }, "config.json");
  const plan = createPlan(small.layout, target.layout);
  const tokens = batch * SEQUENCE;
  const labelled = Math.round(0.15 * tokens);
  const work: FlopsOptions = { tokens, sequence: SEQUENCE, labelledFraction: labelled / tokens };
  const objective = await loadObjective(target, "masked-lm");
  const { settings } = check(growSettings, { to: {}, steps: 0, form });
  const source = initialWeights(small.layout, { seed: 3, deviation: 0.3 });
  const compile = async (contraction: "planned" | "materialise"): Promise<number> => {
    const learner = await learnOperator(createOnnxEngine(), {
      plan,
      operator: await startOperator(plan, settings, 0.02, memorySource(source)),
      objective,
      batch: {
        input_ids: { shape: [batch, SEQUENCE], dtype: "int32" },
        label_positions: { shape: [labelled], dtype: "int32" },
        label_ids: { shape: [labelled], dtype: "int32" },
      },
      source,
      contraction,
    });
    await learner.compiled.dispose();
    return learner.compiled.info.matrixFlops;
  };
  const uses = planContractions(plan, operatorForm(form), work);
  const attention = 3 * attentionFlops(target.layout, tokens, SEQUENCE);
  const sum = (of: "flops" | "naiveFlops"): number =>
    attention + uses.reduce((all, use) => all + use[of], 0);
  return {
    uses,
    plan: { planned: sum("flops"), naive: sum("naiveFlops") },
    engine: { planned: await compile("planned"), naive: await compile("materialise") },
  };
}

const CASES = [
  ["few tokens", 2, {}, "target-layer"],
  ["many tokens", 32, {}, "target-layer"],
  ["an untied readout", 8, { tie_word_embeddings: false }, "target-layer"],
  ["one map for all layers", 8, {}, "model"],
  ["a map per source layer", 8, {}, "source-layer"],
] as const;

describe("the FLOPs of a learning step", () => {
  it.each(CASES)("are what the engine counts: %s", async (_what, batch, keys, form) => {
    const { plan, engine } = await counted(batch, keys, form);
    // biases and norms are left out: a share of about 1 / width of the products, and these models are narrow
    for (const order of ["planned", "naive"] as const) {
      expect(plan[order] / engine[order], order).toBeGreaterThan(0.98);
      expect(plan[order] / engine[order], order).toBeLessThanOrEqual(1);
    }
  });

  it.each(CASES)("are so where heads are larger: %s", async (_what, batch, keys, form) => {
    const { plan, engine } = await counted(batch, keys, form, HEADS);
    // A weight is built input first in the plan, in the order of its axes in the engine: that differs where one side's map is
    // learned whole, as that of larger heads, and the other's keeps its old rows.
    for (const order of ["planned", "naive"] as const) {
      expect(plan[order] / engine[order], order).toBeGreaterThan(0.98);
      expect(plan[order] / engine[order], order).toBeLessThan(1.01);
    }
  });

  it("are fewer than those of building every weight, use by use", async () => {
    const { uses } = await counted(32, {});
    // but for a table that is looked up more often than it has entries
    for (const { parameter, flops, naiveFlops } of uses) {
      if (parameter === "bert.embeddings.word_embeddings.weight") continue;
      expect(flops, parameter).toBeLessThanOrEqual(naiveFlops);
    }
    const orders = new Map(uses.map(({ parameter, order }) => [parameter, order]));
    expect(orders.get("bert.embeddings.word_embeddings.weight")).toBe("gather-first");
    // one more pass over the activations costs more than the few products it would save
    expect(orders.get("bert.encoder.layer.{i}.attention.self.query.weight")).toBe("input-first");
    expect(orders.get("cls.predictions.decoder.weight")).toBe("input-first");
  });
});
