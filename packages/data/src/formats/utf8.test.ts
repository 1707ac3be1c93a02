import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { firstInvalidByte } from "./utf8.js";

/** Length of the longest prefix that Node takes for UTF-8, or -1 if it takes all. */
function oracle(bytes: Uint8Array): number {
  for (let length = bytes.length; length >= 0; length--) {
    if (isUtf8(bytes.subarray(0, length))) return length === bytes.length ? -1 : length;
  }
  return 0;
}

test("finds the end of the longest valid prefix", () => {
  // Bytes at the borders of the ranges of table 3-7 make near misses likely.
  const borders = [
    0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed,
  ];
  const more = [0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff];
  const byte = fc.constantFrom(...borders, ...more);
  const text = fc.string({ unit: "binary" }).map((one) => [...Buffer.from(one)]);
  const bytes = fc
    .array(fc.oneof(fc.array(byte, { maxLength: 5 }), text), { maxLength: 5 })
    .map((parts) => Uint8Array.from(parts.flat()));
  fc.assert(
    fc.property(bytes, (one) => {
      expect(firstInvalidByte(one)).toBe(oracle(one));
    }),
    { numRuns: 3000, seed: 1 },
  );
});

test.each([
  [[0x61, 0xff], 1],
  [[0xe2, 0x82], 0],
  [[0x61, 0xed, 0xa0, 0x80], 1],
  [[0xf4, 0x90, 0x80, 0x80], 0],
  [[0xe2, 0x82, 0xac], -1],
])("%j: %i", (bytes, offset) => {
  expect(firstInvalidByte(Uint8Array.from(bytes))).toBe(offset);
});
