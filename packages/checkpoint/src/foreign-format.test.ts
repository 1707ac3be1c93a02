import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure, temporaryFolder, writeFiles } from "@ligo/vitest/files";
import { companionPaths } from "./checkpoint-files.js";
import { openCheckpoint } from "./open-checkpoint.js";

describe("a folder without safetensors", () => {
  it.each([
    ["adapter_config.json", /PEFT adapter, not a model/u, "merge_and_unload"],
    ["llama-7b.Q4_K_M.gguf", /GGUF/u, "gguf_file"],
    ["tf_model.h5", /TensorFlow/u, "from_tf"],
    ["bert_model.ckpt.index", /TensorFlow/u, "from_tf"],
    ["flax_model.msgpack", /Flax/u, "from_flax"],
    ["model.onnx", /exported graph/u, "exported from"],
    ["model-00001-of-00002.safetensors", /shards without their index/u, "index.json"],
    ["diffusion_pytorch_model.safetensors", /another name/u, "Give the file itself"],
  ])("says that %s is there, and what helps", async (name, says, helps) => {
    const folder = temporaryFolder();
    await writeFiles(folder, { [name]: "x", "config.json": { model_type: "bert" } });
    const error = await failure(openCheckpoint(folder));
    expect(error).toMatchObject({ code: "checkpoint/other-format", file: folder, actual: name });
    expect(error.message).toContain(name);
    expect(error.message).toMatch(says);
    expect(error.message).toContain(helps);
  });

  it("names a pickle of any name, and the folders that hold checkpoints", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "pytorch_lightning.ckpt": "x" });
    expect((await failure(openCheckpoint(folder))).code).toBe("checkpoint/pickle");
    const runs = temporaryFolder();
    await mkdir(join(runs, "checkpoint-500"));
    await writeFiles(join(runs, "checkpoint-500"), { "model.safetensors": "x" });
    const error = await failure(openCheckpoint(runs));
    expect(error.code).toBe("checkpoint/not-found");
    expect(error.message).toContain(join(runs, "checkpoint-500"));
  });

  it("says what a file is that is given", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "model.gguf": "x" });
    const error = await failure(openCheckpoint(join(folder, "model.gguf")));
    expect(error.code).toBe("checkpoint/other-format");
    expect(error.message).toContain("GGUF");
  });
});

it("knows the files that belong to a checkpoint", () => {
  const paths = [
    "config.json",
    "vocab.txt",
    "1_Pooling/config.json",
    "onnx/model.onnx",
    "README.md",
  ];
  expect(companionPaths(paths)).toEqual(["vocab.txt"]);
  expect(
    companionPaths([...paths, "modules.json", "1_Pooling/../x", "2_Dense/model.safetensors"]),
  ).toEqual(["vocab.txt", "modules.json", "1_Pooling/config.json", "2_Dense/model.safetensors"]);
});
