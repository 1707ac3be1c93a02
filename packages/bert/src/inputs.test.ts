import { createReferenceEngine } from "@ligo/engine";
import { createModel, tensorParameters } from "@ligo/nn";
import { initialWeights, learnableSpecs } from "@ligo/train";
import { describe, expect, it } from "vitest";
import { readFixtureConfig } from "./__fixtures__/read-fixture.js";
import { bert } from "./index.js";

const { config } = readFixtureConfig("classes/config.json");

describe("the model of BERT", () => {
  it.each([
    ["BertForMaskedLM", ["input_ids", "attention_mask", "token_type_ids", "labels"]],
    ["BertForPreTraining", ["input_ids", "attention_mask", "token_type_ids", "labels"]],
    ["BertForSequenceClassification", ["input_ids", "attention_mask", "token_type_ids", "labels"]],
    ["BertModel", ["input_ids", "attention_mask", "token_type_ids"]],
  ])("of %s says what it takes", async (className, names) => {
    const { inputs } = await createModel(bert, config, className);
    expect(Object.keys(inputs)).toEqual(names);
    expect(inputs["input_ids"]).toEqual({
      dtype: "int32",
      axes: ["batch", { sequence: config.max_position_embeddings }],
      required: true,
      limit: config.vocab_size,
    });
    expect(inputs["token_type_ids"]).toMatchObject({ required: false, limit: 2 });
  });

  it("gives the hidden states before and after every layer, the last of which is its output", async () => {
    const layout = bert.layout(config, "BertModel");
    const model = await createModel(bert, config, "BertModel");
    const weights = initialWeights(layout, { seed: 1, deviation: 0.2 });
    const shapes: (readonly number[])[] = [];
    const compiled = await createReferenceEngine().compile(
      {
        state: {},
        frozen: learnableSpecs(layout),
        inputs: { input_ids: { shape: [2, 3], dtype: "int32" } },
        build({ frozen, inputs }) {
          const parameters = tensorParameters(frozen);
          const states = model.hiddenStates?.(parameters, inputs)["encoder"] ?? [];
          shapes.push(...states.map(({ shape }) => shape));
          const output = model.forward(parameters, inputs)["last_hidden_state"];
          return {
            outputs: { ...Object.fromEntries(states.entries()), ...(output && { output }) },
          };
        },
      },
      { state: {}, frozen: Object.fromEntries(weights) },
    );
    const outputs = await compiled.run({ input_ids: Int32Array.of(1, 2, 3, 4, 5, 6) });
    await compiled.dispose();
    const layers = config.num_hidden_layers;
    expect(shapes).toEqual(Array.from({ length: layers + 1 }, () => [6, config.hidden_size]));
    expect(outputs["output"]).toEqual(outputs[layers]);
    expect(outputs["output"]).not.toEqual(outputs[0]);
  });
});
