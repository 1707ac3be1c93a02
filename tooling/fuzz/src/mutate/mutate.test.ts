import { createRandom } from "@ligo/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { repositoryFile } from "../repository.js";
import { byteMutators } from "./bytes.js";
import { changeJson } from "./json.js";
import { parseTree, renderTree } from "./json-tree.js";
import { mutate } from "./mutate.js";
import type { Mutator } from "./mutator.js";
import { parquetMutators } from "./parquet.js";
import { safetensorsMutators } from "./safetensors.js";
import { readStruct, writeStruct } from "./thrift.js";

describe("JSON as a tree", () => {
  it("is the same value again", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const tree = parseTree(text);
        expect(tree === undefined ? undefined : JSON.parse(renderTree(tree))).toEqual(
          JSON.parse(text),
        );
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("can say a key twice, and what no JSON is", () => {
    const said = Array.from({ length: 400 }, (_, index) =>
      changeJson('{"a":1,"b":[1,2]}', createRandom(index)),
    );
    expect(said.some((text) => /"a":.*"a":/u.test(text ?? ""))).toBe(true);
    expect(said.some((text) => text?.includes("NaN"))).toBe(true);
    expect(changeJson("no JSON", createRandom(0))).toBeUndefined();
  });
});

describe("Thrift's compact protocol", () => {
  const parquet = Buffer.from(
    repositoryFile("packages/data/src/__fixtures__/formats/pandas.parquet"),
  );
  const length = parquet.readUInt32LE(parquet.length - 8);
  const start = parquet.length - 8 - length;

  it("writes a footer of pyarrow as it was", () => {
    const { end, struct } = readStruct(parquet, start);
    expect(end).toBe(start + length);
    expect(Buffer.from(writeStruct(struct))).toEqual(parquet.subarray(start, end));
  });

  it("leaves files whose footer is read as one", () => {
    const whole = parquetMutators.filter((mutator) => {
      const changed = Buffer.from(mutator(parquet, createRandom(3)));
      return changed.subarray(-4).toString() === "PAR1";
    });
    expect(whole.length).toBeGreaterThan(parquetMutators.length / 2);
  });
});

it("changes bytes without touching those it was given", () => {
  const given = Uint8Array.from({ length: 64 }, (_, index) => index);
  for (const [index, mutator] of byteMutators.entries()) mutator(given, createRandom(index));
  expect([...given]).toEqual([...given.keys()]);
  for (const mutator of byteMutators) mutator(new Uint8Array(0), createRandom(1));
});

it("leaves single changes out without changing the others", () => {
  const seed = new Map([["x.json", Buffer.from('{"a":1,"b":"two","c":[1,2,3]}')]]);
  const made = (kept?: ReadonlySet<number>): string =>
    Buffer.from(mutate(seed, {}, createRandom(5), kept).get("x.json") ?? []).toString();
  expect(made(new Set([0, 1, 2, 3, 4]))).toBe(made());
  expect(made(new Set())).toBe('{"a":1,"b":"two","c":[1,2,3]}');
});

it.each(["null", "1", "[]", '{"a":null,"b":{"shape":[1],"data_offsets":[0,4]}}'])(
  "changes what is left of a safetensors file whose header is %s",
  (header) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const bytes = Buffer.concat([length, Buffer.from(header), Buffer.alloc(4)]);
    const changed = Array.from({ length: 400 }, (_, seed) =>
      Buffer.from(
        (safetensorsMutators[seed % safetensorsMutators.length] as Mutator)(
          bytes,
          createRandom(seed),
        ),
      ),
    );
    expect(changed.filter((other) => !other.equals(bytes)).length).toBeGreaterThan(100);
  },
);
