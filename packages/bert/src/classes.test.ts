import { resolveTensors } from "@ligo/core/layout";
import { describe, expect, it } from "vitest";
import { forward, inputs } from "./__fixtures__/tiny.js";
import { readFixture, readFixtureConfig } from "./__fixtures__/read-fixture.js";
import { bert } from "./index.js";

const recorded: Readonly<Record<string, readonly string[]>> = {
  BertForPreTraining: ["prediction_logits", "seq_relationship_logits"],
  BertForSequenceClassification: ["logits"],
  BertModel: ["last_hidden_state", "pooler_output"],
};

describe("Hugging Face parity", () => {
  it.each(Object.keys(recorded))("of %s with the activation gelu_new", async (className) => {
    const { config } = readFixtureConfig("classes/config.json");
    expect(config.hidden_act).toBe("gelu_new");
    const layout = bert.layout(config, className);
    const file = Object.entries(readFixture(`classes/${className}.safetensors`));
    const part = (prefix: string) =>
      new Map(
        file
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, tensor]) => [name.slice(prefix.length), tensor] as const),
      );
    const given = [...part("input.")].map(([name, { data }]) => [name, data]);
    expect(Object.fromEntries(given)).toEqual(inputs);

    const stored = part("weight.");
    const { tensors, dropped } = resolveTensors(layout, stored);
    expect(dropped).toEqual([]);
    const weights = new Map(
      [...tensors].map(([name, from]) => [name, stored.get(from)?.data as Float32Array]),
    );
    const outputs = await forward(config, layout, weights);
    const expected = part("output.");
    expect(Object.keys(outputs).toSorted()).toEqual(recorded[className]);
    expect([...expected.keys()].toSorted()).toEqual(recorded[className]);
    for (const [name, { data }] of expected) {
      // float32 sums in another order than PyTorch's
      expect(outputs[name], name).toBeAllClose(data, { absolute: 1e-5 });
    }
  });
});
