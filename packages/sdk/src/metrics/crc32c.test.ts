import { describe, expect, it } from "vitest";
import { crc32c, maskedCrc32c } from "./crc32c.js";

describe("crc32c", () => {
  // The check value of the CRC catalogue, and the examples of RFC 3720, appendix B.4.
  it.each<[string, Uint8Array, number]>([
    ["123456789", Buffer.from("123456789"), 0xe3069283],
    ["nothing", new Uint8Array(0), 0],
    ["32 zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 bytes of ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["0 to 31", Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    ["31 to 0", Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ])("of %s", (_name, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it("is masked as TFRecord masks it", () => {
    // ((0xe3069283 >> 15 | 0xe3069283 << 17) + 0xa282ead8) mod 2^32, by hand
    expect(maskedCrc32c(Buffer.from("123456789"))).toBe(0xc78ab0e5);
  });
});
