import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fixture } from "./__fixtures__/fixture.js";
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from "./half.js";
import { openSafetensors } from "./open-safetensors.js";

type Narrow = (source: Float32Array) => Uint16Array;
type Widen = (source: Uint16Array) => Float32Array;

const every = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
const formats: readonly [string, Narrow, Widen][] = [
  ["float16", float32ToFloat16, float16ToFloat32],
  ["bfloat16", float32ToBfloat16, bfloat16ToFloat32],
];

/**
 * Any float32 bit pattern: subnormals, infinities and NaN included. Some end in zeros, or in a one and zeros: those
 * are exact in 16 bits, or ties.
 */
const float32Bits = fc
  .tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.nat({ max: 23 }))
  .map(([bits, zeros]) => ((bits >>> zeros) << zeros) >>> 0);

function valueOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0]!;
}

describe.each(formats)("%s", (_, narrow, widen) => {
  const values = widen(every);
  /** Finite magnitudes in ascending order; the index is the bit pattern. */
  const magnitudes = values.subarray(0, values.indexOf(Infinity));

  it("keeps every bit pattern through a round trip, and NaN as NaN", () => {
    const back = narrow(values);
    const backValues = widen(back);
    const changed = every.filter((bits) =>
      Number.isNaN(values[bits]) ? !Number.isNaN(backValues[bits]) : back[bits] !== bits,
    );
    expect(changed).toEqual(new Uint16Array(0));
  });

  it("orders finite magnitudes by bit pattern, and mirrors them for the sign bit", () => {
    expect(magnitudes.length).toBeGreaterThan(30_000);
    expect(magnitudes.toSorted()).toEqual(magnitudes);
    expect(new Set(magnitudes).size).toBe(magnitudes.length);
    expect(values.subarray(0x8000, 0x8000 + magnitudes.length)).toEqual(
      magnitudes.map((value) => -value),
    );
  });

  it("rounds to the nearest value, ties to the even bit pattern", () => {
    const largest = magnitudes.at(-1)!;
    // Where a format of the same precision without upper limit would round up to its next value.
    const overflow = largest + (largest - magnitudes.at(-2)!) / 2;
    fc.assert(
      fc.property(float32Bits, (bits) => {
        const value = valueOf(bits);
        fc.pre(!Number.isNaN(value));
        const result = narrow(Float32Array.of(value))[0]!;
        const magnitude = Math.abs(value);
        expect(result >>> 15).toBe(value < 0 || Object.is(value, -0) ? 1 : 0);
        const index = result & 0x7fff;
        if (magnitude >= overflow) {
          expect(index).toBe(magnitudes.length);
          return;
        }
        const error = Math.abs(magnitudes[index]! - magnitude);
        for (const neighbour of [index - 1, index + 1]) {
          const other = magnitudes[neighbour];
          if (other === undefined) continue;
          const otherError = Math.abs(other - magnitude);
          expect(error).toBeLessThanOrEqual(otherError);
          if (error === otherError) expect(index % 2).toBe(0);
        }
      }),
      { numRuns: 3000, seed: 1 },
    );
  });
});

it("reads and writes a part of a larger array", () => {
  const values = Float32Array.of(9, 1, -2.5, 9).subarray(1, 3);
  for (const [, narrow, widen] of formats)
    expect(widen(narrow(values))).toEqual(Float32Array.of(1, -2.5));
});

it("narrows and widens as PyTorch does", async () => {
  const file = await openSafetensors(fixture("torch-dtypes.safetensors"));
  const values = await file.read("values");
  expect(values).toHaveLength(128);
  expect(float16ToFloat32(float32ToFloat16(values))).toEqual(await file.read("f16.widened"));
  expect(bfloat16ToFloat32(float32ToBfloat16(values))).toEqual(await file.read("bf16.widened"));
  expect(await file.read("f16")).toEqual(await file.read("f16.widened"));
  expect(await file.read("bf16")).toEqual(await file.read("bf16.widened"));
  await file.close();
});
