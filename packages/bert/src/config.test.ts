import { checkConfig } from "@ligo/core";
import { parseJson } from "@ligo/core/json";
import { ACTIVATION_NAMES, labelCount } from "@ligo/core/layout";
import { configIssues } from "@ligo/testkit";
import { describe, expect, it } from "vitest";
import headers from "./__fixtures__/headers.json" with { type: "json" };
import { tinyConfig } from "./__fixtures__/tiny.js";
import { bert } from "./index.js";

const complaints = (changes: Readonly<Record<string, unknown>>): readonly string[] =>
  configIssues(bert, { model_type: "bert", ...changes });

describe("the schema of config.json", () => {
  it.each(Object.entries(headers.defaults))(
    "has the defaults of transformers %s",
    (_version, defaults) => {
      const config = checkConfig(bert, { model_type: "bert" });
      const { num_labels: classes, ...others } = defaults;
      expect(config).toEqual({ model_type: "bert", ...others });
      expect(labelCount(config)).toBe(classes);
    },
  );

  it.each(Object.entries(headers.configs))(
    "takes what transformers %s writes and keeps every key",
    (_version, raw) => {
      const config = checkConfig(bert, raw);
      expect(config).toEqual(raw);
      expect(labelCount(config)).toBe(headers.sizes.num_labels);
    },
  );

  it("keeps keys it does not know", () => {
    const extra = { classifier_dropout: null, my_key: { nested: [1, "two"] } };
    expect(tinyConfig(extra)).toMatchObject(extra);
  });

  it("refuses heads that do not divide the width", () => {
    expect(complaints({ hidden_size: 10, num_attention_heads: 4 })).toEqual([
      "num_attention_heads: hidden_size 10 is not a multiple of num_attention_heads 4",
    ]);
  });

  it.each(ACTIVATION_NAMES)("takes the activation %s", (activation) => {
    expect(complaints({ hidden_act: activation })).toEqual([]);
  });

  it.each(["prelu", "sine", ""])("refuses the activation %j", (activation) => {
    const [complaint] = complaints({ hidden_act: activation });
    expect(complaint).toMatch(/^hidden_act: .*"gelu"/u);
  });

  it.each(["relative_key", "relative_key_query"])("refuses %s positions", (type) => {
    expect(complaints({ position_embedding_type: type })).toEqual([
      "position_embedding_type: LiGO grows BERT with absolute positions only",
    ]);
    expect(complaints({ position_embedding_type: "absolute" })).toEqual([]);
  });

  it.each(["is_decoder", "add_cross_attention"])("refuses decoders: %s", (key) => {
    expect(complaints({ [key]: true })).toEqual([`${key}: LiGO grows BERT encoders only`]);
    expect(complaints({ [key]: false })).toEqual([]);
  });

  it.each([
    { hidden_size: 0 },
    { num_hidden_layers: -1 },
    { vocab_size: 1.5 },
    { intermediate_size: "64" },
    { layer_norm_eps: 0 },
    { tie_word_embeddings: "yes" },
    { model_type: "roberta" },
  ])("refuses %j", (changes) => {
    const [key] = Object.keys(changes);
    expect(complaints(changes).map((complaint) => complaint.split(":")[0])).toEqual([key]);
  });

  it("reads null as transformers does, and label names that are numbers", () => {
    expect(tinyConfig({ tie_word_embeddings: null }).tie_word_embeddings).toBe(false);
    const none = { id2label: null, num_labels: null, is_decoder: null, pad_token_id: -1 };
    expect(complaints(none)).toEqual([]);
    expect(labelCount(tinyConfig({ ...none, num_labels: 3 }))).toBe(3);
    const { id2label } = checkConfig(bert, { model_type: "bert", id2label: { 0: 0, 1: 1 } });
    expect(id2label).toEqual({ 0: "0", 1: "1" });
    // as spelled in a file, which the object remembers
    const spelled = parseJson('{"0": 1.0, "1": 2.0}', { spelling: true });
    expect(complaints({ id2label: spelled })).toEqual([]);
    expect(complaints({ id2label: ["a", "b"] })).toHaveLength(1);
  });

  it("counts labels by their names before num_labels", () => {
    const id2label = { 0: "no", 1: "yes", 2: "perhaps", 3: "later" };
    expect(labelCount(tinyConfig({ id2label, num_labels: 3 }))).toBe(4);
    expect(labelCount(tinyConfig({ num_labels: 3 }))).toBe(3);
  });
});
