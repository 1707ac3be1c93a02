import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixture } from "./__fixtures__/fixture.js";
import { failure, temporaryFolder, writeFiles } from "@ligo/vitest/files";
import { openCheckpoint, type Checkpoint } from "./open-checkpoint.js";
import type { TensorSource } from "./tensor-plan.js";
import { writeCheckpoint } from "./write-checkpoint.js";

const config = { model_type: "bert", architectures: ["BertModel"] };
const tensor = (name: string, length: number, value = 1): TensorSource => ({
  name,
  shape: [length],
  data: () => new Float32Array(length).fill(value),
});
const sourcesOf = (checkpoint: Checkpoint): TensorSource[] =>
  [...checkpoint.headers].map(([name, { shape }]) => ({
    name,
    shape,
    data: () => checkpoint.read(name),
  }));

it("writes what save_pretrained wrote, byte for byte", async () => {
  const folder = join(temporaryFolder(), "out");
  const source = await openCheckpoint(fixture("bert-tiny"));
  const written = await writeCheckpoint(folder, {
    config: source.config,
    tensors: sourcesOf(source),
    dtype: "F32",
    extraFiles: [
      { name: "vocab.txt", contents: "a\nb\n" },
      { name: "copy.json", path: fixture("bert-tiny/config.json") },
    ],
  });
  await source.close();
  expect(written.files).toEqual(["model.safetensors", "config.json", "vocab.txt", "copy.json"]);
  expect((await readdir(folder)).toSorted()).toEqual(written.files.toSorted());
  for (const name of ["model.safetensors", "config.json"]) {
    const original = await readFile(fixture(`bert-tiny/${name}`));
    expect(Buffer.compare(await readFile(join(folder, name)), original)).toBe(0);
  }
  expect(await readFile(join(folder, "vocab.txt"), "utf8")).toBe("a\nb\n");
  expect(await readFile(join(folder, "copy.json"))).toEqual(
    await readFile(fixture("bert-tiny/config.json")),
  );
  // All float elements of the fixture: its file size less header and length, by four.
  expect(written).toMatchObject({ totalBytes: 98776 - 4472, totalParameters: (98776 - 4472) / 4 });
});

it("writes extra files into folders of their own", async () => {
  const folder = join(temporaryFolder(), "out");
  const { files } = await writeCheckpoint(folder, {
    config,
    tensors: [tensor("a", 1)],
    dtype: "F32",
    extraFiles: [
      { name: "1_Pooling/config.json", contents: "{}" },
      { name: "2_Dense/model.safetensors", path: fixture("bert-tiny/config.json") },
    ],
  });
  expect(files.slice(2)).toEqual(["1_Pooling/config.json", "2_Dense/model.safetensors"]);
  expect(await readFile(join(folder, "1_Pooling", "config.json"), "utf8")).toBe("{}");
  expect(await readdir(join(folder, "2_Dense"))).toEqual(["model.safetensors"]);
});

it.each(["a/../x", "a/b/c", "/x", "a/", "./x", "a\\b", ".."])(
  "writes no extra file at %s",
  async (name) => {
    const extraFiles = [{ name, contents: "" }];
    const contents = { config, tensors: [tensor("a", 1)], dtype: "F32", extraFiles } as const;
    const error = await failure(writeCheckpoint(join(temporaryFolder(), "out"), contents));
    expect(error.code).toBe("output/bad-file-name");
  },
);

describe("shards", () => {
  it("are filled in order, named and indexed as Hugging Face does", async () => {
    const folder = temporaryFolder();
    // The rule's own example: sizes 6, 6, 2, 6, 2, 2 under a limit of 10 give [6], [6, 2], [6, 2, 2]; 11 stands alone.
    const sizes: readonly [string, number][] = [
      ["f", 6],
      ["e", 6],
      ["d", 2],
      ["huge", 11],
      ["c", 6],
      ["b", 2],
      ["a", 2],
    ];
    const written = await writeCheckpoint(folder, {
      config,
      tensors: sizes.map(([name, size]) => tensor(name, size)),
      dtype: "F32",
      maxShardBytes: 40,
    });
    const name = (k: number): string => `model-0000${k}-of-00004.safetensors`;
    expect(written.files).toEqual([
      name(1),
      name(2),
      name(3),
      name(4),
      "model.safetensors.index.json",
      "config.json",
    ]);
    // "huge" closes no shard: it is written before the one that was open when it came.
    const map = {
      a: name(4),
      b: name(4),
      c: name(4),
      d: name(3),
      e: name(3),
      f: name(1),
      huge: name(2),
    };
    const expected = { metadata: { total_parameters: 35, total_size: 140 }, weight_map: map };
    const text = await readFile(join(folder, "model.safetensors.index.json"), "utf8");
    expect(text).toBe(`${JSON.stringify(expected, null, 2)}\n`);
  });

  it("open as the checkpoint that was written", async () => {
    const folder = temporaryFolder();
    const source = await openCheckpoint(fixture("bert-tiny"));
    await writeCheckpoint(folder, {
      config: source.config,
      tensors: sourcesOf(source),
      dtype: "F32",
      maxShardBytes: 30_000,
    });
    const copy = await openCheckpoint(folder);
    expect(copy.files.length).toBeGreaterThan(2);
    expect([...copy.headers.keys()].toSorted()).toEqual([...source.headers.keys()].toSorted());
    for (const name of source.headers.keys())
      expect(await copy.read(name)).toEqual(await source.read(name));
    await Promise.all([source.close(), copy.close()]);
  });

  it.each([0, -1, NaN])("of %s bytes are refused", async (maxShardBytes) => {
    const folder = temporaryFolder();
    const contents = { config, tensors: [tensor("a", 1)], dtype: "F32", maxShardBytes } as const;
    expect((await failure(writeCheckpoint(folder, contents))).code).toBe(
      "checkpoint/bad-shard-size",
    );
  });
});

describe("the dtype", () => {
  it.each([
    ["F16", "float16"],
    ["BF16", "bfloat16"],
    ["F32", "float32"],
  ] as const)(
    "%s is in the file and, where the config names one, in the config as %s",
    async (dtype, name) => {
      const folder = temporaryFolder();
      const named = { ...config, dtype: "float64", torch_dtype: "float64" };
      await writeCheckpoint(join(folder, "a"), { config: named, tensors: [tensor("w", 3)], dtype });
      await writeCheckpoint(join(folder, "b"), { config, tensors: [tensor("w", 3)], dtype });
      const [a, b] = [
        await openCheckpoint(join(folder, "a")),
        await openCheckpoint(join(folder, "b")),
      ];
      expect(a.config).toEqual({ ...config, dtype: name, torch_dtype: name });
      expect(b.config).toEqual(config);
      expect([a.dtype, b.dtype]).toEqual([dtype, dtype]);
      await Promise.all([a.close(), b.close()]);
    },
  );
});

describe("refuses", () => {
  it.each([
    [
      "a config without model_type",
      { config: { architectures: ["X"] } },
      "checkpoint/config-no-model-type",
    ],
    [
      "a config without architectures",
      { config: { model_type: "x" } },
      "checkpoint/config-no-architectures",
    ],
    [
      "two tensors of one name",
      { tensors: [tensor("a", 1), tensor("a", 1)] },
      "checkpoint/duplicate-name",
    ],
    [
      "an extra file elsewhere",
      { extraFiles: [{ name: "../x", contents: "" }] },
      "output/bad-file-name",
    ],
    [
      "an extra file over the config",
      { extraFiles: [{ name: "config.json", contents: "" }] },
      "output/bad-file-name",
    ],
    [
      "an extra file over weights",
      { extraFiles: [{ name: "model.safetensors", contents: "" }] },
      "output/bad-file-name",
    ],
    [
      "one extra file twice",
      { extraFiles: ["x", "y"].map((contents) => ({ name: "a", contents })) },
      "output/bad-file-name",
    ],
  ])("%s, before anything is written", async (_, changes, code) => {
    const folder = temporaryFolder();
    const contents = { config, tensors: [tensor("a", 1)], dtype: "F32", ...changes } as const;
    expect((await failure(writeCheckpoint(join(folder, "out"), contents))).code).toBe(code);
    expect(await readdir(folder)).toEqual([]);
  });

  it("values that are not finite", async () => {
    const folder = temporaryFolder();
    const contents = { config, tensors: [tensor("w", 2, NaN)], dtype: "F32" } as const;
    expect(await failure(writeCheckpoint(folder, contents))).toMatchObject({
      code: "checkpoint/not-finite",
      tensor: "w",
    });
    // A quick test that is not sure changes nothing: values are looked through.
    const tested: number[] = [];
    const areFinite = async ({ length }: Float32Array): Promise<boolean> => {
      tested.push(length);
      return false;
    };
    const [one, other] = [join(folder, "one"), join(folder, "other")];
    const error = await failure(writeCheckpoint(one, { ...contents, areFinite }));
    expect(error.code).toBe("checkpoint/not-finite");
    await writeCheckpoint(other, { ...contents, tensors: [tensor("w", 3, 1)], areFinite });
    expect(tested).toEqual([2, 3]);
    // Too large for the dtype is another matter.
    const large = { ...contents, tensors: [tensor("w", 1, 1e30)], dtype: "F16" } as const;
    const sure = { ...large, areFinite: async () => true };
    expect((await failure(writeCheckpoint(join(folder, "half"), sure))).code).toBe(
      "checkpoint/overflow",
    );
  });

  it("a folder that holds weights already", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "model.safetensors": "old" });
    const contents = { config, tensors: [tensor("a", 1)], dtype: "F32", maxShardBytes: 1 } as const;
    expect((await failure(writeCheckpoint(folder, contents))).code).toBe("output/not-empty");
    expect(await readdir(folder)).toEqual(["model.safetensors"]);
  });

  it("a folder that cannot be made, and an extra file that is not there", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { file: "x" });
    const contents = { config, tensors: [tensor("a", 1)], dtype: "F32" } as const;
    expect((await failure(writeCheckpoint(join(folder, "file"), contents))).code).toBe(
      "output/not-writable",
    );
    const extraFiles = [{ name: "x.txt", path: join(folder, "none") }];
    const missing = writeCheckpoint(join(folder, "out"), { ...contents, extraFiles });
    expect((await failure(missing)).code).toBe("output/write-failed");
  });
});
