import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fixture } from "./__fixtures__/fixture.js";
import { failure, temporaryFolder } from "@ligo/vitest/files";
import { OutputError } from "./errors/output-error.js";
import { openSafetensors } from "./open-safetensors.js";
import type { TensorSource } from "./tensor-plan.js";
import { writeSafetensors } from "./write-safetensors.js";

const source = (
  name: string,
  values: readonly number[],
  shape: readonly number[] = [values.length],
): TensorSource => ({
  name,
  shape,
  data: () => Float32Array.from(values),
});

it("writes the file Hugging Face wrote, byte for byte", async () => {
  const original = fixture("bert-tiny/model.safetensors");
  const copy = join(temporaryFolder(), "copy.safetensors");
  const file = await openSafetensors(original);
  const tensors = [...file.tensors]
    .map(([name, { shape }]) => ({ name, shape, data: () => file.read(name) }))
    .toReversed();
  await writeSafetensors(copy, tensors, { metadata: file.metadata });
  await file.close();
  expect(Buffer.compare(await readFile(copy), await readFile(original))).toBe(0);
});

it("tells each tensor which one's turn is next", async () => {
  const told: (string | undefined)[] = [];
  const tensors = ["b", "c", "a"].map((name) => ({
    ...source(name, [1]),
    data(next: string | undefined) {
      told.push(name, next);
      return Float32Array.of(1);
    },
  }));
  await writeSafetensors(join(temporaryFolder(), "x.safetensors"), tensors);
  expect(told).toEqual(["a", "b", "b", "c", "c", undefined]);
});

describe.each(["F16", "BF16"] as const)("%s", (dtype) => {
  it("writes the values PyTorch would", async () => {
    const folder = temporaryFolder();
    const file = await openSafetensors(fixture("torch-dtypes.safetensors"));
    const all = await file.read("values");
    const widened = await file.read(dtype === "F16" ? "f16.widened" : "bf16.widened");
    await file.close();
    // Overflows are refused, and tested below.
    const keep = (_: number, k: number): boolean =>
      !Number.isFinite(all[k]) || Number.isFinite(widened[k]);
    const data = all.filter(keep);
    const path = join(folder, "x.safetensors");
    await writeSafetensors(path, [{ name: "x", shape: [data.length], data: () => data }], {
      dtype,
    });
    const written = await openSafetensors(path);
    expect(written.tensors.get("x")).toMatchObject({ dtype });
    expect(await written.read("x")).toEqual(widened.filter(keep));
    await written.close();
  });

  it("refuses a value that would become infinite, and keeps infinities and NaN", async () => {
    const path = join(temporaryFolder(), "x.safetensors");
    const limit = dtype === "F16" ? 65520 : 3.3961776e38;
    const tooLarge = source("w", [0, 0, 0, 0, 0, -limit], [2, 3]);
    expect(await failure(writeSafetensors(path, [tooLarge], { dtype }))).toMatchObject({
      code: "checkpoint/overflow",
      tensor: "w",
      message: expect.stringContaining("[1, 2]") as string,
    });
    const largest = dtype === "F16" ? 65504 : 3.3895313892515355e38;
    await writeSafetensors(path, [source("w", [largest, -Infinity, NaN])], { dtype });
    const file = await openSafetensors(path);
    expect(await file.read("w")).toEqual(Float32Array.of(largest, -Infinity, NaN));
    await file.close();
  });
});

it.each(["F32", "BF16"] as const)(
  "writes a tensor that comes in parts as one, %s",
  async (dtype) => {
    const folder = temporaryFolder();
    const values = Float32Array.from({ length: 10 }, (_, index) => index / 3);
    const whole = { name: "w", shape: [5, 2], data: () => values };
    const inParts = (...ends: number[]) => ({
      ...whole,
      async *data() {
        // The same memory again, as the contract allows: two arrays in turn.
        const memory = [new Float32Array(10), new Float32Array(10)];
        for (const [index, end] of ends.entries()) {
          const part = values.subarray(ends[index - 1] ?? 0, end);
          const into = memory[index % 2]!.subarray(0, part.length);
          into.set(part);
          yield into;
        }
      },
    });
    await writeSafetensors(join(folder, "whole"), [whole], { dtype });
    await writeSafetensors(join(folder, "parts"), [inParts(4, 5, 9, 10)], { dtype });
    expect(await readFile(join(folder, "parts"))).toEqual(await readFile(join(folder, "whole")));

    const short = writeSafetensors(join(folder, "short"), [inParts(4, 9)], { dtype });
    expect(await failure(short)).toMatchObject({
      code: "checkpoint/wrong-length",
      expected: "10 values",
      actual: "9 values",
    });
    const long = { ...inParts(10), shape: [3, 3] };
    expect((await failure(writeSafetensors(join(folder, "long"), [long], { dtype }))).code).toBe(
      "checkpoint/wrong-length",
    );
  },
);

it("writes integers as I32: found out from the data for F32, declared for F16", async () => {
  const path = join(temporaryFolder(), "x.safetensors");
  const ids = {
    name: "ids",
    shape: [2],
    data: () => Promise.resolve(Int32Array.of(-7, 2 ** 31 - 1)),
  };
  await writeSafetensors(path, [ids, source("w", [1, 2])]);
  const first = await openSafetensors(path);
  expect(await first.readTyped("ids")).toEqual(Int32Array.of(-7, 2 ** 31 - 1));
  expect(await first.readTyped("w")).toEqual(Float32Array.of(1, 2));
  await first.close();

  expect((await failure(writeSafetensors(path, [ids], { dtype: "F16" }))).code).toBe(
    "checkpoint/wrong-type",
  );
  await writeSafetensors(path, [{ ...ids, dtype: "I32" }, source("w", [1, 2])], { dtype: "F16" });
  const second = await openSafetensors(path);
  expect([...second.tensors].map(([name, { dtype }]) => [name, dtype])).toEqual([
    ["ids", "I32"],
    ["w", "F16"],
  ]);
  expect(await second.readTyped("ids")).toEqual(Int32Array.of(-7, 2 ** 31 - 1));
  await second.close();

  const floats = { ...source("w", [1]), dtype: "I32" as const };
  expect((await failure(writeSafetensors(path, [floats]))).code).toBe("checkpoint/wrong-type");
});

it("reads back whatever was written, from a list or a stream", async () => {
  const path = join(temporaryFolder(), "x.safetensors");
  const name = fc.stringMatching(/^[a-z0-9_."\\é😀-]{1,12}$/u);
  const tensor = fc.tuple(name, fc.array(fc.nat({ max: 4 }), { maxLength: 3 }));
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(tensor, { selector: ([key]) => key, maxLength: 6 }),
      fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), {
        noNullPrototype: true,
      }),
      async (list, metadata) => {
        fc.pre(!Object.hasOwn(metadata, "__proto__"));
        const values = new Map(
          list.map(([key, shape], t) => {
            const length = shape.reduce((product, size) => product * size, 1);
            return [key, { shape, data: Float32Array.from({ length }, (_, k) => t + k / 8) }];
          }),
        );
        async function* stream(): AsyncGenerator<TensorSource> {
          for (const [key, { shape, data }] of values)
            yield { name: key, shape, data: () => Promise.resolve(data) };
        }
        await writeSafetensors(path, stream(), { metadata });
        const file = await openSafetensors(path);
        expect(file.metadata).toEqual(metadata);
        expect(file.tensors.size).toBe(values.size);
        for (const [key, { shape, data }] of values) {
          const header = file.tensors.get(key);
          expect(header?.shape).toEqual(shape);
          expect((header?.begin ?? 1) % 4).toBe(0);
          expect(await file.read(key)).toEqual(data);
        }
        await file.close();
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

it("asks for one tensor at a time, in the order of the file", async () => {
  const path = join(temporaryFolder(), "x.safetensors");
  const log: string[] = [];
  const tensors = ["c", "a", "b"].map((name) => ({
    name,
    shape: [1],
    data: async () => {
      log.push(`${name} asked`);
      await Promise.resolve();
      log.push(`${name} given`);
      return Float32Array.of(1);
    },
  }));
  await writeSafetensors(path, tensors);
  expect(log).toEqual(["a asked", "a given", "b asked", "b given", "c asked", "c given"]);
});

it("tells of arrays that are written, whose memory may then be used again", async () => {
  const path = join(temporaryFolder(), "x.safetensors");
  const sizes = [3, 1.1e6, 1, 2, 1.1e6, 1.1e6, 5];
  const free: Float32Array[] = [];
  const made: Float32Array[] = [];
  const written: number[] = [];
  const tensors = sizes.map((size, index) => ({
    name: `t${index}`,
    shape: [size],
    data() {
      const found = free.findIndex(({ length }) => length === size);
      const [data = new Float32Array(size)] = found < 0 ? [] : free.splice(found, 1);
      if (found < 0) made.push(data);
      return data.fill(index);
    },
    written(data: Float32Array | Int32Array) {
      written.push(index);
      free.push((data as Float32Array).fill(Number.NaN));
    },
  }));
  await writeSafetensors(path, tensors);
  expect(written).toEqual([...sizes.keys()]);
  // One large array is written while the next is made.
  expect(made.filter(({ length }) => length > 5)).toHaveLength(2);
  const file = await openSafetensors(path);
  for (const index of sizes.keys())
    expect((await file.read(`t${index}`)).every((value) => value === index)).toBe(true);
  await file.close();
});

describe("tensors that cannot be written", () => {
  it.each([
    ["an empty name", [source("", [1])], "bad-name"],
    ["the name of the metadata", [source("__metadata__", [1])], "bad-name"],
    ["a control character in the name", [source("a\n", [1])], "bad-name"],
    ["one name for two", [source("a", [1]), source("a", [1])], "duplicate-name"],
    ["a negative dimension", [source("a", [1], [-1])], "bad-shape"],
    ["a fractional dimension", [source("a", [1], [0.5, 2])], "bad-shape"],
    ["a shape beyond 2^53 bytes", [source("a", [1], [2 ** 30, 2 ** 30])], "bad-shape"],
    ["too few values", [source("a", [1], [2])], "wrong-length"],
  ])("%s is refused and nothing is left behind", async (_, tensors, code) => {
    const folder = temporaryFolder();
    const error = await failure(writeSafetensors(join(folder, "x.safetensors"), tensors));
    expect(error.code).toBe(`checkpoint/${code}`);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("when writing fails", () => {
  it("an existing file is as it was, and the error is passed on", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "x.safetensors");
    await writeFile(path, "old");
    const broken = {
      name: "b",
      shape: [1],
      data: () => Promise.reject(new RangeError("no memory")),
    };
    await expect(writeSafetensors(path, [source("a", [1]), broken])).rejects.toThrow(RangeError);
    expect(await readdir(folder)).toEqual(["x.safetensors"]);
    expect(await readFile(path, "utf8")).toBe("old");
  });

  it("a system error becomes an OutputError", async () => {
    const path = join(temporaryFolder(), "none", "x.safetensors");
    const error = await failure(writeSafetensors(path, [source("a", [1])]));
    expect(error).toBeInstanceOf(OutputError);
    expect(error).toMatchObject({ code: "output/write-failed", file: path });
  });
});
