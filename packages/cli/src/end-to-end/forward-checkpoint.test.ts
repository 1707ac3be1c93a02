import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSafetensors, writeSafetensors, type TensorSource } from "@ligo/checkpoint";
import { describe, expect, it } from "vitest";
import { putTogether } from "@ligo/vitest/raw-safetensors";
import { fixture, ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import type { ForwardResult } from "../__fixtures__/json-results.js";

describe.each(["bert-tiny", "bert-tiny-untied"])("ligo forward of %s", (name) => {
  it.each(["onnx", "reference"])("gives transformers' logits and loss on %s", async (engine) => {
    const output = join(temporaryFolder(), "outputs.safetensors");
    const argv = ["forward", fixture(name), "--inputs", fixture(`${name}/inputs.safetensors`)];
    const result = await ligoJson<ForwardResult>([...argv, "--output", output, "--engine", engine]);
    expect(result.outputs).toEqual({ logits: [3, 17, 120], loss: [1] });
    const [actual, expected] = [
      await openSafetensors(output),
      await openSafetensors(fixture(`${name}/expected.safetensors`)),
    ];
    // float32 sums in another order than PyTorch's
    expect(await actual.read("logits")).toBeAllClose(await expected.read("logits"), {
      absolute: 1e-5,
    });
    expect(await actual.read("loss")).toBeAllClose(await expected.read("loss"), { absolute: 1e-6 });
    expect(actual.tensors.get("logits")).toMatchObject({ dtype: "F32", shape: [3, 17, 120] });
    await Promise.all([actual.close(), expected.close()]);
  });
});

describe("ligo forward", () => {
  const checkpoint = fixture("bert-tiny");

  it("reads 64-bit ids, and gives no loss without labels", async () => {
    const folder = temporaryFolder();
    const ids = Array.from({ length: 10 }, (_, index) => (index * 7) % 120);
    const [wide, narrow] = [join(folder, "i64.safetensors"), join(folder, "i32.safetensors")];
    const header = {
      input_ids: { dtype: "I64", shape: [2, 5], data_offsets: [0, 80] as [number, number] },
    };
    putTogether(wide, header, new Uint8Array(BigInt64Array.from(ids, BigInt).buffer));
    await writeSafetensors(narrow, [
      { name: "input_ids", shape: [2, 5], data: () => Int32Array.from(ids) },
    ]);
    const run = async (inputs: string): Promise<Buffer> => {
      const output = `${inputs}.out`;
      const argv = ["forward", checkpoint, "--inputs", inputs, "--output", output];
      const result = await ligoJson<ForwardResult>(argv);
      expect(result).toEqual({ output, outputs: { logits: [2, 5, 120] } });
      return readFileSync(output);
    };
    expect((await run(wide)).equals(await run(narrow))).toBe(true);
  });

  const integers = (
    shape: readonly number[],
    fill: number = 1,
  ): { shape: readonly number[]; data: () => Int32Array } => ({
    shape,
    data: () => new Int32Array(shape.reduce((product, size) => product * size, 1)).fill(fill),
  });

  it.each<[string, Readonly<Record<string, Omit<TensorSource, "name">>>, readonly string[]]>([
    [
      "an unknown name",
      { input_ids: integers([1, 4]), atention_mask: integers([1, 4]) },
      ["atention_mask", "attention_mask"],
    ],
    ["no ids", { attention_mask: integers([1, 4]) }, ["input_ids", "attention_mask"]],
    ["a flat shape", { input_ids: integers([4]) }, ["input_ids", "[4]"]],
    ["too long", { input_ids: integers([1, 41]) }, ["input_ids", "[1, 41]", "40"]],
    [
      "shapes that differ",
      { input_ids: integers([1, 4]), labels: integers([1, 5]) },
      ["labels", "[1, 4]", "[1, 5]"],
    ],
    [
      "an id beyond the vocabulary",
      { input_ids: integers([1, 4], 120) },
      ["input_ids", "120", "0 to 119"],
    ],
    ["a negative id", { input_ids: integers([1, 4], -1) }, ["input_ids", "-1"]],
    [
      "a type beyond two",
      { input_ids: integers([1, 4]), token_type_ids: integers([1, 4], 2) },
      ["token_type_ids", "0 to 1"],
    ],
    [
      "labels that are all ignored",
      { input_ids: integers([1, 4]), labels: integers([1, 4], -100) },
      ["labels", "-100"],
    ],
    [
      "floats",
      { input_ids: { shape: [1, 4], data: () => new Float32Array(4) } },
      ["input_ids", "F32", "I32"],
    ],
  ])("refuses inputs with %s", async (_what, tensors, words) => {
    const folder = temporaryFolder();
    const [inputs, output] = [join(folder, "in.safetensors"), join(folder, "out.safetensors")];
    await writeSafetensors(
      inputs,
      Object.entries(tensors).map(([name, tensor]) => ({ name, ...tensor })),
    );
    const argv = ["forward", checkpoint, "--inputs", inputs, "--output", output];
    const { code, stderr } = await ligo(argv);
    expect(code).toBe(2);
    for (const word of [inputs, ...words]) expect(stderr).toContain(word);
    expect(existsSync(output)).toBe(false);
  });

  it("overwrites nothing, and writes into no missing folder", async () => {
    const folder = temporaryFolder();
    const output = join(folder, "mine");
    writeFileSync(output, "keep");
    const argv = ["forward", checkpoint, "--inputs", fixture("bert-tiny/inputs.safetensors")];
    expect(await ligo([...argv, "--output", output])).toMatchObject({ code: 2 });
    expect(readFileSync(output, "utf8")).toBe("keep");
    const lost = join(folder, "missing", "out");
    expect(await ligo([...argv, "--output", lost])).toMatchObject({ code: 2 });
  });
});
