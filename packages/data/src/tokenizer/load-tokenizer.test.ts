import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadTokenizer } from "./load-tokenizer.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ligo-data-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("a folder without tokenizer.json is named", async () => {
  await expect(loadTokenizer(folder)).rejects.toMatchObject({
    code: "data/no-tokenizer",
    file: join(folder, "tokenizer.json"),
  });
});

test("a path that does not exist is named", async () => {
  await expect(loadTokenizer(join(folder, "nowhere"))).rejects.toMatchObject({
    code: "data/no-tokenizer",
    file: join(folder, "nowhere", "tokenizer.json"),
  });
});

test("an older tokenizer gets the line that converts it", async () => {
  await writeFile(join(folder, "vocab.txt"), "[PAD]\n");
  await expect(loadTokenizer(folder)).rejects.toThrow(/save_pretrained/);
});

test.each(["", "{", "[]", "3", "null"])(
  "tokenizer.json that holds %j is bad JSON",
  async (text) => {
    await writeFile(join(folder, "tokenizer.json"), text);
    await expect(loadTokenizer(folder)).rejects.toMatchObject({
      code: "data/bad-json",
      file: join(folder, "tokenizer.json"),
    });
  },
);

test("a broken tokenizer_config.json is named", async () => {
  await writeFile(join(folder, "tokenizer.json"), "{}");
  await writeFile(join(folder, "tokenizer_config.json"), "{,}");
  await expect(loadTokenizer(folder)).rejects.toMatchObject({
    code: "data/bad-json",
    file: join(folder, "tokenizer_config.json"),
  });
});

test("bytes that are no UTF-8 are bad JSON, as they are for Hugging Face's library", async () => {
  const file = join(folder, "tokenizer.json");
  await writeFile(file, Buffer.from('{"model":{"vocab":{"caf\xe9":0}}}', "latin1"));
  await expect(loadTokenizer(folder)).rejects.toMatchObject({ code: "data/bad-json", file });
});

describe("tokenizer.json as strict as Hugging Face's library is", () => {
  const load = async (text: string): Promise<unknown> => {
    await writeFile(join(folder, "tokenizer.json"), text);
    await writeFile(join(folder, "tokenizer_config.json"), "{}");
    return loadTokenizer(folder);
  };

  test.each([
    ['{"model":{"vocab":{"a":0,"b":2.0}}}', 'the number of "b"'],
    ['{"added_tokens":[{"id":2e0,"content":"x"}]}', 'the number of "id"'],
    [String.raw`{"model":{"vocab":{"\"":0,"a\\":1.0}}}`, "not written as a whole one"],
    ['{"model":{"type":"BPE","type":"BPE"}}', 'the key "type" twice'],
  ])("refuses %s", async (text, reason) => {
    await expect(load(text)).rejects.toMatchObject({ code: "data/bad-json" });
    await expect(load(text)).rejects.toThrow(reason);
  });

  test.each([
    '{"model":{"type":"BPE","dropout":0.1}}',
    String.raw`{"model":{"vocab":{"\": 2.0":0,"x":1},"merges":["a: 1.5"]}}`,
    '{"model":{"type":"Unigram","vocab":[["a",-2.5]]}}',
  ])("has nothing against the numbers of %s", async (text) => {
    // something else is missing in each
    await expect(load(text)).rejects.not.toMatchObject({ code: "data/bad-json" });
  });
});
