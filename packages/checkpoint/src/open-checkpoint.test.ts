import { cp, mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixture } from "./__fixtures__/fixture.js";
import { failure, safetensorsBytes, temporaryFolder, writeFiles } from "@ligo/vitest/files";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { writeSafetensors } from "./write-safetensors.js";

const config = { model_type: "bert" };
const shard = (...names: string[]): Buffer =>
  safetensorsBytes(
    Object.fromEntries(
      names.map((name, k) => [
        name,
        { dtype: "F32", shape: [1], data_offsets: [4 * k, 4 * k + 4] },
      ]),
    ),
    4 * names.length,
  );
const first = "model-00001-of-00002.safetensors";
const second = "model-00002-of-00002.safetensors";
const index = "model.safetensors.index.json";

describe("a checkpoint written by Hugging Face", () => {
  it.each(["bert-tiny", "bert-tiny/model.safetensors"])("opens as %s", async (path) => {
    const checkpoint = await openCheckpoint(fixture(path));
    expect(checkpoint.folder).toBe(fixture("bert-tiny"));
    expect(checkpoint.configFile).toBe(fixture("bert-tiny/config.json"));
    expect(checkpoint.config).toMatchObject({ model_type: "bert", hidden_size: 32 });
    expect(checkpoint.files).toEqual([fixture("bert-tiny/model.safetensors")]);
    expect(checkpoint.headers.size).toBe(42);
    expect(checkpoint.headers.get("cls.predictions.bias")).toEqual({
      shape: [120],
      dtype: "F32",
      file: fixture("bert-tiny/model.safetensors"),
    });
    expect(checkpoint.dtype).toBe("F32");
    // As Python safetensors reads it.
    expect((await checkpoint.read("cls.predictions.bias"))[5]).toBe(-0.0005528223118744791);
    await checkpoint.close();
    expect((await failure(checkpoint.read("cls.predictions.bias"))).code).toBe("checkpoint/closed");
  });

  it("opens through links, as in the Hugging Face cache", async () => {
    const folder = temporaryFolder();
    await mkdir(join(folder, "snapshot"));
    await cp(fixture("bert-tiny"), join(folder, "blobs"), { recursive: true });
    for (const name of ["config.json", "model.safetensors"]) {
      await symlink(join("..", "blobs", name), join(folder, "snapshot", name));
    }
    const checkpoint = await openCheckpoint(join(folder, "snapshot"));
    expect(await checkpoint.read("cls.predictions.bias")).toHaveLength(120);
    await checkpoint.close();
  });
});

describe("values", () => {
  it("that are not finite are refused, with file, tensor and index", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "config.json": config });
    const file = join(folder, "model.safetensors");
    const data = Float32Array.of(0, 1, 2, 3, NaN, -Infinity);
    await writeSafetensors(file, [
      { name: "bad", shape: [2, 3], data: () => data },
      { name: "fine", shape: [1], data: () => Float32Array.of(3e38) },
    ]);
    const checkpoint = await openCheckpoint(folder);
    const error = await failure(checkpoint.read("bad"));
    expect(error).toMatchObject({
      code: "checkpoint/not-finite",
      file,
      tensor: "bad",
      actual: "NaN",
    });
    expect(error.message).toContain("[1, 1]");
    // A quick test that is not sure changes nothing.
    const unsure = async (): Promise<boolean> => false;
    expect((await failure(checkpoint.read("bad", undefined, 0, unsure))).message).toBe(
      error.message,
    );
    expect(await checkpoint.read("fine", undefined, 0, unsure)).toHaveLength(1);
    expect(await checkpoint.read("fine")).toHaveLength(1);
    expect(await failure(checkpoint.read("none"))).toMatchObject({
      code: "checkpoint/no-such-tensor",
      tensor: "none",
    });
    await checkpoint.close();
  });

  it("give the dtype most floats are stored in, whatever there is of integers", async () => {
    const folder = temporaryFolder();
    const header = {
      a: { dtype: "BF16", shape: [8], data_offsets: [0, 16] },
      b: { dtype: "F32", shape: [3], data_offsets: [16, 28] },
      c: { dtype: "F32", shape: [3], data_offsets: [28, 40] },
      d: { dtype: "I32", shape: [20], data_offsets: [40, 120] },
    };
    await writeFiles(folder, {
      "config.json": config,
      "model.safetensors": safetensorsBytes(header, 120),
    });
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.dtype).toBe("BF16");
    await checkpoint.close();
  });
});

describe("shards", () => {
  const weightMap = { b: second, a: first, c: second };
  const good = {
    "config.json": config,
    [index]: { metadata: { total_size: 12 }, weight_map: weightMap },
    [first]: shard("a"),
    [second]: shard("b", "c"),
  };

  it("open together", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, good);
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.files).toEqual([join(folder, first), join(folder, second)]);
    expect([...checkpoint.headers].map(([name, { file }]) => [name, file])).toEqual([
      ["a", join(folder, first)],
      ["b", join(folder, second)],
      ["c", join(folder, second)],
    ]);
    expect(await checkpoint.read("c")).toHaveLength(1);
    await checkpoint.close();
  });

  it("may be links, to files only", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, good);
    await rename(join(folder, second), join(folder, "blob"));
    await symlink("blob", join(folder, second));
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.headers.size).toBe(3);
    await checkpoint.close();
    await rename(join(folder, "blob"), join(folder, "moved"));
    await mkdir(join(folder, "blob"));
    expect((await failure(openCheckpoint(folder))).code).toBe("checkpoint/missing-shard");
  });

  const withMap = (map: unknown): unknown => ({ metadata: {}, weight_map: map });
  it.each([
    ["an index that is not JSON", { [index]: "{" }, "index-not-json"],
    ["an index without a map", { [index]: { metadata: {} } }, "bad-index"],
    ["an index with a map of numbers", { [index]: withMap({ a: 1 }) }, "bad-index"],
    ["an empty map", { [index]: withMap({}) }, "bad-index"],
    [
      "a name twice",
      { [index]: `{"weight_map":{"a":"${first}","a":"${second}"}}` },
      "duplicate-name",
    ],
    [
      "a shard outside the folder",
      { [index]: withMap({ a: "../evil.safetensors" }) },
      "unsafe-shard-name",
    ],
    [
      "a shard outside the folder on Windows",
      { [index]: withMap({ a: "..\\evil.safetensors" }) },
      "unsafe-shard-name",
    ],
    [
      "a shard in a sub-folder",
      { [index]: withMap({ a: "x/y.safetensors" }) },
      "unsafe-shard-name",
    ],
    ["an absolute shard", { [index]: withMap({ a: "/etc/x.safetensors" }) }, "unsafe-shard-name"],
    ["a shard on a drive", { [index]: withMap({ a: "C:x.safetensors" }) }, "unsafe-shard-name"],
    [
      "a shard with a zero byte",
      { [index]: withMap({ a: "x\u0000.safetensors" }) },
      "unsafe-shard-name",
    ],
    [
      "a shard that is a pickle",
      { [index]: withMap({ a: "pytorch_model.bin" }) },
      "unsafe-shard-name",
    ],
    [
      "a shard that is not there",
      { [index]: withMap({ ...weightMap, d: "none.safetensors" }) },
      "missing-shard",
    ],
    ["a tensor its shard lacks", { [first]: shard("x") }, "missing-tensor"],
    ["a tensor the index lacks", { [second]: shard("b", "c", "extra") }, "unindexed-tensor"],
    ["a tensor in two shards", { [second]: shard("a", "b", "c") }, "unindexed-tensor"],
    ["a shard that is damaged", { [second]: shard("b", "c").subarray(0, 40) }, "header-too-long"],
  ])("with %s are refused", async (_, changes, code) => {
    const folder = temporaryFolder();
    await writeFiles(folder, { ...good, ...changes });
    const error = await failure(openCheckpoint(folder));
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.code).toBe(`checkpoint/${code}`);
    expect(error.message).toContain(folder);
  });

  it("are not opened one alone", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, good);
    expect(await failure(openCheckpoint(join(folder, first)))).toMatchObject({
      code: "checkpoint/lone-shard",
      expected: folder,
    });
  });
});

describe("pickles", () => {
  it.each([
    [["pytorch_model.bin"]],
    [
      [
        "pytorch_model-00001-of-00002.bin",
        "pytorch_model-00002-of-00002.bin",
        "pytorch_model.bin.index.json",
      ],
    ],
  ])("are never loaded: %s", async (names) => {
    const folder = temporaryFolder();
    await writeFiles(folder, {
      "config.json": config,
      ...Object.fromEntries(names.map((name) => [name, "x"])),
    });
    const error = await failure(openCheckpoint(folder));
    expect(error.code).toBe("checkpoint/pickle");
    const bins = names.filter((name) => name.endsWith(".bin")).map((name) => join(folder, name));
    const command = error.message.split("\n")[1];
    expect(command).toMatch(/^python -c "import sys, torch; [^"$`!\\]*" /);
    expect(command).toContain(`" ${[join(folder, "model.safetensors"), ...bins].join(" ")}`);
  });

  it("are never loaded: a file by its name, quoted for the shell", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "it's.bin");
    await writeFile(file, "x");
    const error = await failure(openCheckpoint(file));
    expect(error).toMatchObject({ code: "checkpoint/pickle", file });
    expect(error.message).toContain(`'${folder}/it'\\''s.safetensors' '${folder}/it'\\''s.bin'`);
  });

  it("are ignored beside safetensors", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, {
      "config.json": config,
      "pytorch_model.bin": "x",
      "model.safetensors": shard("a"),
    });
    const checkpoint = await openCheckpoint(folder);
    expect([...checkpoint.headers.keys()]).toEqual(["a"]);
    await checkpoint.close();
  });
});

describe("what is no checkpoint", () => {
  it("is refused with what was looked for", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "config.json": config, "notes.txt": "x" });
    const empty = await failure(openCheckpoint(folder));
    expect(empty.code).toBe("checkpoint/not-found");
    for (const name of [folder, "model.safetensors", index, "pytorch_model.bin"])
      expect(empty.message).toContain(name);
    expect((await failure(openCheckpoint(join(folder, "none")))).code).toBe("checkpoint/not-found");
    expect((await failure(openCheckpoint(join(folder, "notes.txt")))).code).toBe(
      "checkpoint/not-safetensors",
    );
  });

  it("is refused without a config", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "model.safetensors": shard("a") });
    expect(await failure(openCheckpoint(folder))).toMatchObject({
      code: "checkpoint/config-missing",
      file: join(folder, "config.json"),
    });
  });
});
