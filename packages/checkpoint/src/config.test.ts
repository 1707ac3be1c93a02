import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixture } from "./__fixtures__/fixture.js";
import { failure, temporaryFolder, writeFiles } from "@ligo/vitest/files";
import { renderConfig } from "./json/render-json.js";
import { readConfig } from "./read-config.js";

describe("readConfig", () => {
  it("reads a file, or the one in a folder, and keeps every key", async () => {
    const config = await readConfig(fixture("bert-tiny"));
    expect(config).toEqual(JSON.parse(await readFile(fixture("bert-tiny/config.json"), "utf8")));
    expect(config).toMatchObject({
      model_type: "bert",
      layer_norm_eps: 1e-12,
      transformers_version: "5.18.0",
    });
    expect(await readConfig(fixture("bert-tiny/config.json"))).toEqual(config);
  });

  it.each([
    ["{", "not-json"],
    ['{"model_type": "bert", "x": nan}', "not-json"],
    ["[]", "not-object"],
    ["null", "not-object"],
    ["{}", "no-model-type"],
    ['{"model_type": 3}', "no-model-type"],
    ['{"model_type": ""}', "no-model-type"],
  ])("refuses %s", async (text, code) => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "config.json": text });
    const error = await failure(readConfig(folder));
    expect(error).toMatchObject({
      code: `checkpoint/config-${code}`,
      file: join(folder, "config.json"),
    });
    expect(error.message).toContain(join(folder, "config.json"));
  });

  it("says where a missing config was looked for", async () => {
    const folder = temporaryFolder();
    for (const path of [folder, join(folder, "config.json")]) {
      expect(await failure(readConfig(path))).toMatchObject({
        code: "checkpoint/config-missing",
        file: join(folder, "config.json"),
      });
    }
  });
});

describe("renderConfig", () => {
  it("writes what save_pretrained wrote, from keys in any order", async () => {
    const text = await readFile(fixture("bert-tiny/config.json"), "utf8");
    const shuffled = Object.fromEntries(
      Object.entries(await readConfig(fixture("bert-tiny"))).toReversed(),
    );
    expect(renderConfig(shuffled)).toBe(text);
  });

  it("spells numbers, strings and keys as Python does", () => {
    // Recorded from json.dumps(..., indent=2, sort_keys=True) of Python 3, id2label with integer keys.
    const expected = [
      "{",
      '  "_Z": [],',
      '  "a": {},',
      '  "hidden_dropout_prob": 0.0,',
      '  "id2label": {',
      '    "2": "caf\\u00e9 \\ud83d\\ude00 \\"\\u007f",',
      '    "10": "b"',
      "  },",
      '  "initializer_range": 1.0,',
      '  "label2id": {',
      '    "LABEL_10": 10,',
      '    "LABEL_2": 2',
      "  },",
      '  "layer_norm_eps": 1e-05,',
      '  "nested": {',
      '    "list": [',
      "      1,",
      "      null,",
      "      false",
      "    ],",
      '    "tinier": 2.5e-12,',
      '    "tiny": 1.5e-07,',
      '    "value": 0.0001',
      "  },",
      '  "size": 768',
      "}",
      "",
    ];
    const config = {
      size: 768,
      nested: { value: 1e-4, tiny: 1.5e-7, tinier: 2.5e-12, list: [1, null, false] },
      layer_norm_eps: 1e-5,
      label2id: { LABEL_2: 2, LABEL_10: 10 },
      initializer_range: 1,
      id2label: { 10: "b", 2: 'café 😀 "\u007f' },
      hidden_dropout_prob: 0,
      a: {},
      _Z: [],
      gone: undefined,
    };
    expect(renderConfig(config)).toBe(expected.join("\n"));
  });

  it.each([NaN, Infinity, 1n, () => 0])("refuses %s", (value) => {
    expect(() => renderConfig({ value })).toThrow(
      expect.objectContaining({ code: "checkpoint/config-not-json" }),
    );
  });
});
