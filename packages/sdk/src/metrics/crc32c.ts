/** Reversed polynomial of CRC-32C (Castagnoli). */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = (remainder >>> 1) ^ ((remainder & 1) * POLYNOMIAL);
  }
  return remainder;
});

/** CRC-32C of bytes (RFC 3720, appendix B.4), as an unsigned number of 32 bits. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) {
    remainder = (remainder >>> 8) ^ (TABLE[(remainder ^ byte) & 0xff] as number);
  }
  return ~remainder >>> 0;
}

/**
 * The checksum that TFRecord stores: rotated by 15 bits and shifted, so that a checksum of bytes that hold checksums stays a
 * good one.
 */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
