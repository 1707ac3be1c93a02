import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { safetensorsBytes, temporaryFolder } from "@ligo/vitest/files";
import { DTYPE_BYTES } from "./dtype.js";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { openSafetensors } from "./open-safetensors.js";

const valid = safetensorsBytes(
  {
    __metadata__: { format: "pt" },
    "layer.weight": { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
    "layer.bias": { dtype: "BF16", shape: [3], data_offsets: [24, 30] },
    mask: { dtype: "BOOL", shape: [2], data_offsets: [30, 32] },
    ids: { dtype: "I64", shape: [1, 1], data_offsets: [32, 40] },
  },
  40,
);

type Mutation = (bytes: Buffer) => Buffer;
const at = fc.nat({ max: valid.length - 1 });
const setByte = fc
  .tuple(
    at,
    fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...Buffer.from('0123456789-.eE"[]{},:\\'))),
  )
  .map(
    ([k, byte]): Mutation =>
      (bytes) => (k < bytes.length && (bytes[k] = byte), bytes),
  );
const cut = at.map(
  (k): Mutation =>
    (bytes) =>
      bytes.subarray(0, k),
);
const insert = fc.tuple(at, fc.uint8Array({ maxLength: 12 })).map(
  ([k, extra]): Mutation =>
    (bytes) =>
      Buffer.concat([bytes.subarray(0, k), extra, bytes.subarray(k)]),
);
const remove = fc.tuple(at, fc.integer({ min: 1, max: 12 })).map(
  ([k, n]): Mutation =>
    (bytes) =>
      Buffer.concat([bytes.subarray(0, k), bytes.subarray(k + n)]),
);
/** Repairs the announced header length after an insertion or removal, so that the JSON itself is reached. */
const fixLength: Mutation = (bytes) => {
  const end = bytes.lastIndexOf("}}");
  if (end >= 8) bytes.writeBigUInt64LE(BigInt(end + 2 - 8));
  return bytes;
};
const mutations = fc.array(fc.oneof(setByte, cut, insert, remove, fc.constant(fixLength)), {
  minLength: 1,
  maxLength: 4,
});

it("opens damaged bytes as a consistent file or throws CheckpointError, nothing else", async () => {
  const path = join(temporaryFolder(), "x.safetensors");
  let opened = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(mutations, async (list) => {
      const bytes = list.reduce<Buffer>((current, mutate) => mutate(current), Buffer.from(valid));
      await writeFile(path, bytes);
      try {
        const file = await openSafetensors(path);
        opened++;
        let position = 8 + Number(bytes.readBigUInt64LE());
        for (const [name, { dtype, shape, begin, end }] of file.tensors) {
          expect(begin).toBe(position);
          expect(end - begin).toBe(
            shape.reduce((product, size) => product * size, 1) * DTYPE_BYTES[dtype],
          );
          position = end;
          const values = await file.read(name).catch(expectUnsupported);
          if (values !== undefined) expect(values.length * DTYPE_BYTES[dtype]).toBe(end - begin);
        }
        expect(position).toBe(bytes.length);
        await file.close();
      } catch (error) {
        if (!(error instanceof CheckpointError)) throw error;
        refused++;
      }
    }),
    { numRuns: 1000, seed: 1 },
  );
  // The mutations must reach both outcomes for the property to mean something.
  expect(opened).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(300);
});

function expectUnsupported(error: unknown): undefined {
  expect(error).toMatchObject({ code: "checkpoint/unsupported-dtype" });
}
