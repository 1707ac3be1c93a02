/**
 * Offset of the first byte of the first ill-formed UTF-8 sequence, or -1 where there is none; what Python reports as
 * `UnicodeDecodeError.start`. Well-formed sequences are those of table 3-7 of the Unicode standard: no overlong forms,
 * no surrogates, nothing above U+10FFFF.
 */
export function firstInvalidByte(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return -1;
}

/** Length in bytes of the well-formed sequence at `at`, or 0. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const second = bytes[at + 1] ?? 0;
  // The second byte is narrowed where the lead byte alone would admit overlong forms, surrogates or too large values.
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let k = 2; k < length; k++) {
    if (!isContinuation(bytes[at + k] ?? 0)) return 0;
  }
  return length;
}

/** Whether `byte` continues a sequence of several bytes. */
export function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
