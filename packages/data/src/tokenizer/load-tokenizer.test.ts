import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
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
