import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillKeepMask, type MaskPosition } from "./keep-mask.js";

const position = { seed: 5, step: 3, site: 2 };

function keepMask(size: number, rate: number, changes: Partial<MaskPosition> = {}): Uint8Array {
  const mask = new Uint8Array(size);
  fillKeepMask(mask, rate, { ...position, ...changes });
  return mask;
}

const share = (mask: Uint8Array): number => mask.reduce((sum, kept) => sum + kept, 0) / mask.length;

/** The definition, byte by byte. */
function plainMask(size: number, rate: number, { seed, step, site }: MaskPosition): Uint8Array {
  const key = Buffer.from("ligo....dropout.", "latin1");
  key.writeUInt32LE(seed % 2 ** 32, 4);
  key.writeUInt32LE(Math.floor(seed / 2 ** 32), 12);
  const stream = (purpose: number, length: number): Buffer => {
    const start = Buffer.alloc(16);
    [step, site, purpose].forEach((part, index) => start.writeUInt32BE(part, 4 * index));
    return createCipheriv("aes-128-ctr", key, start).update(Buffer.alloc(length));
  };
  const bytes = stream(0, size);
  const fractions = stream(1, 2 * size);
  let equal = 0;
  return Uint8Array.from(bytes, (byte) => {
    const limit = Math.floor(rate * 256);
    if (byte !== limit) return Number(byte > limit);
    return Number(
      fractions.readUInt16LE(2 * equal++) >= Math.round((rate * 256 - limit) * 2 ** 16),
    );
  });
}

describe("fillKeepMask", () => {
  it("is its definition, byte by byte", () => {
    const rates = fc.oneof(
      fc.double({ min: 1e-4, max: 1 - 1e-4, noNaN: true }),
      fc.constantFrom(0.1, 0.25, 0.5, 0.75, 127 / 256, 128 / 256, 129 / 256, 255.5 / 256),
    );
    const positions = fc.record({
      seed: fc.maxSafeNat(),
      step: fc.nat(2 ** 31 - 1),
      site: fc.nat(100),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), rates, positions, (size, rate, at) => {
        expect(keepMask(size, rate, at)).toEqual(plainMask(size, rate, at));
      }),
      { seed: 1 },
    );
  });

  it("goes on across chunks", () => {
    const size = 2 * 65536 + 3;
    expect(keepMask(size, 0.1)).toEqual(plainMask(size, 0.1, position));
    expect(keepMask(100, 0.1)).toEqual(keepMask(size, 0.1).subarray(0, 100));
  });

  it.each([0.001, 0.1, 0.15, 0.5, 0.9, 0.999])("drops a share of %d", (rate) => {
    const size = 400_000;
    // five standard deviations of a share of so many independent draws
    const deviation = Math.sqrt((rate * (1 - rate)) / size);
    expect(Math.abs(share(keepMask(size, rate)) - (1 - rate))).toBeLessThan(5 * deviation);
  });

  it("draws elements, sites, steps and seeds independently of each other", () => {
    const size = 200_000;
    const rate = 0.3;
    const one = keepMask(size, rate);
    const others: Readonly<Record<string, Uint8Array>> = {
      site: keepMask(size, rate, { site: 3 }),
      step: keepMask(size, rate, { step: 4 }),
      "step and site, exchanged": keepMask(size, rate, { step: 2, site: 3 }),
      seed: keepMask(size, rate, { seed: 6 }),
      "high half of the seed": keepMask(size, rate, { seed: 5 + 2 ** 32 }),
      "next element": keepMask(size + 1, rate).subarray(1),
      "next row": keepMask(size + 128, rate).subarray(128),
    };
    for (const [name, other] of Object.entries(others)) {
      // both kept with the product of the chances: five standard deviations
      const both = share(one.map((kept, index) => kept & (other[index] as number)));
      const chance = (1 - rate) ** 2;
      const deviation = Math.sqrt((chance * (1 - chance)) / size);
      expect(Math.abs(both - chance), name).toBeLessThan(5 * deviation);
    }
  });

  it("repeats itself", () => {
    expect(keepMask(1000, 0.1)).toEqual(keepMask(1000, 0.1));
  });
});
