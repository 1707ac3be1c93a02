import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixture } from "./__fixtures__/fixture.js";
import { failure, safetensorsBytes, temporaryFolder } from "@ligo/vitest/files";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { isReadableDtype } from "./dtype.js";
import { openSafetensors } from "./open-safetensors.js";

describe("a file written by Hugging Face", () => {
  it("is read: metadata, names, shapes and values", async () => {
    const file = await openSafetensors(fixture("bert-tiny/model.safetensors"));
    expect(file.metadata).toEqual({ format: "pt" });
    expect(file.tensors.size).toBe(42);
    expect(file.tensors.get("bert.embeddings.word_embeddings.weight")).toMatchObject({
      dtype: "F32",
      shape: [120, 32],
    });
    const embeddings = await file.read("bert.embeddings.word_embeddings.weight");
    expect(embeddings).toHaveLength(120 * 32);
    // As Python safetensors reads them.
    expect(embeddings[1]).toBe(-0.018815645948052406);
    expect(embeddings[119 * 32 + 31]).toBe(-0.10063604265451431);
    const dense = await file.read("bert.encoder.layer.1.output.dense.weight");
    expect(dense[3 * 64 + 5]).toBe(-0.10141605138778687);
    expect((await file.read("cls.predictions.bias"))[5]).toBe(-0.0005528223118744791);
    await file.close();
  });
});

describe("a file written by PyTorch", () => {
  it("is read in every dtype, exactly and as float32", async () => {
    const file = await openSafetensors(fixture("torch-dtypes.safetensors"));
    expect(await file.readTyped("f64")).toEqual(Float64Array.of(0.1, -1e300));
    expect(await file.read("f64")).toEqual(Float32Array.of(0.1, -Infinity));
    expect(await file.readTyped("i64")).toEqual(BigInt64Array.of(-1n, 9007199254740993n, 0n, 7n));
    expect(await file.read("i64")).toEqual(Float32Array.of(-1, 2 ** 53, 0, 7));
    expect(await file.readTyped("i32")).toEqual(Int32Array.of(-(2 ** 31), 5, 2 ** 31 - 1));
    expect(await file.read("i32")).toEqual(Float32Array.of(-(2 ** 31), 5, 2 ** 31));
    expect(await file.readTyped("u8")).toEqual(Uint8Array.of(0, 1, 255));
    expect(await file.read("u8")).toEqual(Float32Array.of(0, 1, 255));
    expect(await file.readTyped("bool")).toEqual(Uint8Array.of(1, 0, 1));
    expect(await file.read("bool")).toEqual(Float32Array.of(1, 0, 1));
    expect(await file.readTyped("f16")).toBeInstanceOf(Float32Array);
    expect(file.tensors.get("bf16")).toMatchObject({ dtype: "BF16", shape: [4, 32] });
    expect(file.tensors.get("scalar")).toMatchObject({ shape: [] });
    expect(await file.read("scalar")).toEqual(Float32Array.of(2.5));
    expect(await file.read("empty")).toEqual(new Float32Array(0));
    await file.close();
  });

  it("lists a dtype it cannot read, and refuses to read it", async () => {
    const file = await openSafetensors(fixture("torch-dtypes.safetensors"));
    expect(file.tensors.get("i16")).toMatchObject({ dtype: "I16", shape: [2] });
    const error = await failure(file.read("i16"));
    expect(error).toMatchObject({
      code: "checkpoint/unsupported-dtype",
      tensor: "i16",
      actual: "I16",
    });
    await file.close();
  });
});

describe("reading", () => {
  it("gives arrays that own their buffer", async () => {
    const file = await openSafetensors(fixture("torch-dtypes.safetensors"));
    const [first, second] = await Promise.all([file.read("values"), file.read("values")]);
    expect(first.byteOffset).toBe(0);
    expect(first.buffer.byteLength).toBe(first.byteLength);
    expect(second).toEqual(first);
    expect(second.buffer).not.toBe(first.buffer);
    await file.close();
  });

  it("fills given memory, also with a part, whatever the dtype", async () => {
    const file = await openSafetensors(fixture("torch-dtypes.safetensors"));
    for (const [name, { dtype }] of file.tensors) {
      if (!isReadableDtype(dtype)) continue;
      const whole = await file.read(name);
      const memory = new Float32Array(whole.length + 2);
      const into = memory.subarray(1, 1 + whole.length);
      expect(await file.read(name, into), name).toBe(into);
      expect(into, name).toEqual(whole);
      expect([memory[0], memory.at(-1)]).toEqual([0, 0]);
      const start = Math.floor(whole.length / 2);
      const part = new Float32Array(whole.length - start);
      expect(await file.read(name, part, start), name).toEqual(whole.subarray(start));
      await expect(file.read(name, part, start + 1)).rejects.toThrow(RangeError);
    }
    await file.close();
  });

  it("refuses unknown names, and any name once closed", async () => {
    const file = await openSafetensors(fixture("torch-dtypes.safetensors"));
    expect(await failure(file.read("nope"))).toMatchObject({
      code: "checkpoint/no-such-tensor",
      tensor: "nope",
    });
    await file.close();
    await file.close();
    expect((await failure(file.read("values"))).code).toBe("checkpoint/closed");
  });

  it("notices that the file became shorter after it was opened", async () => {
    const path = join(temporaryFolder(), "x.safetensors");
    const bytes = safetensorsBytes({ a: { dtype: "F32", shape: [4], data_offsets: [0, 16] } }, 16);
    await writeFile(path, bytes);
    const file = await openSafetensors(path);
    await truncate(path, bytes.length - 3);
    expect((await failure(file.read("a"))).code).toBe("checkpoint/truncated");
    await file.close();
  });
});

const f32 = (begin: number, end: number): unknown => ({
  dtype: "F32",
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
});
const entry = (changes: object): unknown => ({
  a: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...changes },
});

/** The fault, the header, the bytes of data, and the code it gets. */
const malformed: readonly (readonly [string, unknown, number, string])[] = [
  ["is not JSON", '{"a":', 0, "header-not-json"],
  ["is empty", "", 0, "header-not-json"],
  ["is an array", [], 0, "header-not-object"],
  ["is null", "null", 0, "header-not-object"],
  [
    "has a name twice",
    `{"a":${JSON.stringify(f32(0, 4))},"a":${JSON.stringify(f32(0, 4))}}`,
    4,
    "duplicate-name",
  ],
  [
    "has a field twice",
    '{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}',
    4,
    "duplicate-name",
  ],
  ["has an empty name", { "": f32(0, 4) }, 4, "bad-name"],
  ["has a name with a control character", { "a\u0000": f32(0, 4) }, 4, "bad-name"],
  [
    "has a name with half a surrogate pair",
    `{"\\ud800":${JSON.stringify(f32(0, 4))}}`,
    4,
    "bad-name",
  ],
  ["has metadata that is no object", { __metadata__: "pt" }, 0, "bad-metadata"],
  ["has metadata that is no string", { __metadata__: { format: 1 } }, 0, "bad-metadata"],
  ["has an entry that is no object", { a: [0, 8] }, 8, "bad-entry"],
  ["has a negative dimension", entry({ shape: [-2] }), 8, "bad-shape"],
  ["has a fractional dimension", entry({ shape: [0.5, 4] }), 8, "bad-shape"],
  ["has a dimension that is a string", entry({ shape: ["2"] }), 8, "bad-shape"],
  ["has a dimension beyond 2^53", entry({ shape: [2 ** 53] }), 8, "bad-shape"],
  ["has no shape", entry({ shape: undefined }), 8, "bad-shape"],
  ["has an unknown dtype", entry({ dtype: "F31" }), 8, "unknown-dtype"],
  ["has a dtype named like an object property", entry({ dtype: "toString" }), 8, "unknown-dtype"],
  ["has no dtype", entry({ dtype: undefined }), 8, "unknown-dtype"],
  ["has offsets the wrong way round", entry({ data_offsets: [8, 0] }), 8, "bad-offsets"],
  ["has a negative offset", entry({ data_offsets: [-8, 0] }), 8, "bad-offsets"],
  ["has three offsets", entry({ data_offsets: [0, 8, 8] }), 8, "bad-offsets"],
  ["has no offsets", entry({ data_offsets: undefined }), 8, "bad-offsets"],
  [
    "has offsets that do not fit dtype and shape",
    entry({ data_offsets: [0, 4] }),
    4,
    "size-mismatch",
  ],
  ["has a shape whose product overflows", entry({ shape: [2 ** 40, 2 ** 40] }), 8, "size-mismatch"],
  ["has overlapping tensors", { a: f32(0, 8), b: f32(4, 12) }, 12, "overlap"],
  ["has two tensors at one place", { a: f32(0, 8), b: f32(0, 8) }, 8, "overlap"],
  ["leaves a hole between tensors", { a: f32(0, 4), b: f32(8, 12) }, 12, "hole"],
  ["leaves a hole before the first tensor", { a: f32(4, 8) }, 8, "hole"],
  ["has offsets out of range", { a: f32(0, 4), b: f32(1000, 1004) }, 8, "offsets-out-of-range"],
  ["describes more data than there is", { a: f32(0, 4), b: f32(4, 12) }, 11, "truncated"],
  ["describes less data than there is", { a: f32(0, 4) }, 5, "trailing-bytes"],
];

describe("a header that", () => {
  it.each(malformed)("%s is refused", async (_, header, dataBytes, code) => {
    const path = join(temporaryFolder(), "x.safetensors");
    await writeFile(path, safetensorsBytes(header, dataBytes));
    const error = await failure(openSafetensors(path));
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error).toMatchObject({ code: `checkpoint/${code}`, file: path });
    expect(error.message).toContain(path);
    if (error.tensor !== undefined) expect(error.message).toContain(JSON.stringify(error.tensor));
  });
});

describe("a file that", () => {
  const withLength = (length: bigint, size: number): Buffer => {
    const bytes = Buffer.alloc(size, " ");
    bytes.writeBigUInt64LE(length);
    return bytes;
  };
  it.each([
    ["is empty", Buffer.alloc(0), "truncated"],
    ["ends within the header length", Buffer.alloc(7), "truncated"],
    ["announces a header longer than the file", withLength(57n, 64), "header-too-long"],
    ["announces the longest header", withLength(2n ** 64n - 1n, 64), "header-too-long"],
    [
      "is a Git LFS pointer",
      Buffer.from("version https://git-lfs.github.com/spec/v1\n"),
      "lfs-pointer",
    ],
    ["has a header that is no UTF-8", withLength(1n, 9).fill(0xff, 8), "header-not-json"],
  ])("%s is refused", async (_, bytes, code) => {
    const path = join(temporaryFolder(), "x.safetensors");
    await writeFile(path, bytes);
    expect(await failure(openSafetensors(path))).toMatchObject({
      code: `checkpoint/${code}`,
      file: path,
    });
  });

  it("announces a header over the limit is refused before it is read", async () => {
    const path = join(temporaryFolder(), "x.safetensors");
    await writeFile(path, withLength(100_000_001n, 8));
    await truncate(path, 200_000_000); // Sparse: takes no room on disk.
    expect((await failure(openSafetensors(path))).code).toBe("checkpoint/header-too-large");
  });

  it("does not exist, or is a folder, is refused", async () => {
    const folder = temporaryFolder();
    expect((await failure(openSafetensors(join(folder, "none.safetensors")))).code).toBe(
      "checkpoint/not-found",
    );
    expect((await failure(openSafetensors(folder))).code).toBe("checkpoint/not-a-file");
  });
});

it("accepts zero-size tensors, names like numbers and __proto__, and keeps the order of the data", async () => {
  const path = join(temporaryFolder(), "x.safetensors");
  const header = `{"b":${JSON.stringify(f32(4, 8))},"7":${JSON.stringify(f32(4, 4))},"__proto__":${JSON.stringify(f32(0, 4))}}`;
  await writeFile(path, safetensorsBytes(header, 8));
  const file = await openSafetensors(path);
  expect([...file.tensors.keys()]).toEqual(["__proto__", "7", "b"]);
  expect(await file.read("7")).toHaveLength(0);
  await file.close();
});
