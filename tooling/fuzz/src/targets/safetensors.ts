import { createHash } from "node:crypto";
import { join } from "node:path";
import { lazyFile, openSafetensors, type TensorArray } from "@ligo/checkpoint";
import { LigoError } from "@ligo/core";
import { inputOf } from "../input.js";
import { holds, type Target } from "../target.js";

const NAME = "x.safetensors";

/** A safetensors file with any header. */
function rawFile(header: object, data: Uint8Array): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

const BYTES: Readonly<Record<string, number>> = {
  F32: 4,
  F16: 2,
  BF16: 2,
  F64: 8,
  I64: 8,
  I32: 4,
  U8: 1,
  BOOL: 1,
};

/** A file with tensors of some dtypes, their numbers small and finite. */
function smallFile(
  tensors: Readonly<Record<string, readonly [string, readonly number[]]>>,
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let end = 0;
  for (const [name, [dtype, shape]] of Object.entries(tensors)) {
    const begin = end;
    end += (BYTES[dtype] ?? 1) * shape.reduce((all, size) => all * size, 1);
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  return rawFile(
    header,
    Uint8Array.from({ length: end }, (_, index) => (index % 3 === 0 ? 1 : 0)),
  );
}

const hashOf = (array: TensorArray): string =>
  createHash("sha256")
    .update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    .digest("hex");

/** The numbers of a tensor as a hash; `null` where its dtype is not read. */
async function numbersOf(read: () => Promise<TensorArray>): Promise<string | null> {
  try {
    return hashOf(await read());
  } catch (error) {
    if (LigoError.isInstance(error) && error.code === "checkpoint/unsupported-dtype") return null;
    throw error;
  }
}

/** Safetensors files: every tensor is read in both ways there are, which must agree. */
export const safetensors: Target = {
  name: "safetensors",
  weight: 40,
  async prepare() {
    const all = smallFile({
      "layer.0.weight": ["F32", [2, 3]],
      "layer.0.bias": ["BF16", [3]],
      half: ["F16", [2, 2]],
      ids: ["I64", [1, 2]],
      "sizes.i32": ["I32", [3]],
      double: ["F64", [2]],
      mask: ["BOOL", [4]],
      bytes: ["U8", [5]],
    });
    return [
      all,
      smallFile({ w: ["F32", [4]] }),
      smallFile({ e: ["F32", [0, 3]], s: ["F32", []] }),
    ].map((bytes) => inputOf({ [NAME]: bytes }));
  },
  open: async () => ({
    async read(folder) {
      const path = join(folder, NAME);
      const file = await openSafetensors(path);
      try {
        const lazy = lazyFile(path);
        const tensors: Record<string, unknown> = {};
        let end: number | undefined;
        for (const [name, { begin, dtype, shape, end: next }] of file.tensors) {
          holds(
            end === undefined || begin === end,
            () => `${name} begins at ${begin}, not at ${end}`,
          );
          end = next;
          const numbers = await numbersOf(() => file.readTyped(name));
          const later = await numbersOf(async () => lazy.tensors.get(name)?.data as TensorArray);
          holds(numbers === later, () => `the two readers differ about ${name}`);
          tensors[name] = { dtype, shape, numbers };
        }
        return { metadata: file.metadata, tensors };
      } finally {
        await file.close();
      }
    },
  }),
};
