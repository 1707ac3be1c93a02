import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gpt2 } from "@ligo/gpt2";
import { roberta } from "@ligo/roberta";
import { temporaryFolder } from "@ligo/vitest/files";
import { expect, it } from "vitest";
import { checkGguf, ggufFaults } from "./check-gguf.js";

const handles = { architectures: [gpt2, roberta] };

type Keys = Readonly<Record<string, unknown>>;

/** A recorded model with a tokenizer's file and other keys in its config; null takes a key out. */
function recorded(path: string, keys: Keys = {}): string {
  const folder = join(temporaryFolder(), "model");
  const from = new URL(`../../${path.replace("/", "/src/__fixtures__/")}`, import.meta.url);
  for (const name of ["config.json", "model.safetensors"])
    cpSync(join(fileURLToPath(from), name), join(folder, name));
  const file = join(folder, "config.json");
  const config = { ...(JSON.parse(readFileSync(file, "utf8")) as Keys), ...keys };
  const kept = Object.entries(config).filter(([, value]) => value !== null);
  writeFileSync(file, JSON.stringify(Object.fromEntries(kept)));
  writeFileSync(join(folder, "tokenizer.json"), "{}");
  return folder;
}

it("finds nothing in the way of a GPT-2 with the keys that the converter reads", async () => {
  const folder = recorded("gpt2/gpt2-tiny", { n_ctx: 32 });
  expect(await checkGguf(folder, handles)).toEqual({
    className: "GPT2LMHeadModel",
    converts: true,
    faults: [],
  });
});

it("names every key and file that is missing", async () => {
  const folder = recorded("gpt2/gpt2-tiny", { n_ctx: null, layer_norm_epsilon: null });
  rmSync(join(folder, "tokenizer.json"));
  const { converts, faults } = await checkGguf(folder, handles);
  expect(converts).toBe(false);
  expect(faults).toEqual([
    "config.json has no n_ctx: put it there.",
    "config.json has no layer_norm_epsilon: put it there.",
    "The folder has no tokenizer.json: put the tokenizer beside the weights.",
  ]);
});

it("knows that llama.cpp takes the MLPs of a GPT-2 for four times its width", () => {
  const config = { n_ctx: 32, n_embd: 8, n_head: 2, layer_norm_epsilon: 1e-5, n_inner: 24 };
  expect(ggufFaults("GPT2LMHeadModel", config, undefined)).toEqual([
    "n_inner is 24, and llama.cpp takes 4 times n_embd, 32: grow to that.",
  ]);
  for (const inner of [32, null])
    expect(ggufFaults("GPT2LMHeadModel", { ...config, n_inner: inner }, undefined)).toEqual([]);
});

it("names the classes that the converter has in the place of one that it lacks", async () => {
  const folder = recorded("roberta/RobertaForMaskedLM");
  expect((await checkGguf(folder, handles)).faults).toEqual([
    "llama.cpp converts no RobertaForMaskedLM. Of this architecture it takes RobertaModel, RobertaForSequenceClassification.",
  ]);
  expect(ggufFaults("toString", {}, undefined)).toEqual(["llama.cpp converts no toString."]);
});
