/** Sizes of a GIF's parts, in bytes. */
const HEADER = 13;
const DESCRIPTOR = 10;

/** Marks of blocks (GIF89a, sections 20 and 23). */
const EXTENSION = 0x21;
const GRAPHIC_CONTROL = 0xf9;
const IMAGE = 0x2c;

/** The palette's colour of the transparent index of a GIF's first image; black where it has none. */
export function transparentColour(bytes: Uint8Array): readonly [number, number, number] {
  const byte = (at: number): number => bytes[at] ?? 0;
  const tableSize = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  let index = 0;
  let at = HEADER + tableSize(byte(10));
  while (byte(at) === EXTENSION) {
    if (byte(at + 1) === GRAPHIC_CONTROL && byte(at + 3) & 1) index = byte(at + 6);
    at += 2;
    // blocks of data, the last of which is empty
    while (byte(at) > 0) at += byte(at) + 1;
    at++;
  }
  const hasOwn = byte(at) === IMAGE && tableSize(byte(at + DESCRIPTOR - 1)) > 0;
  const colour = (hasOwn ? at + DESCRIPTOR : HEADER) + 3 * index;
  return [byte(colour), byte(colour + 1), byte(colour + 2)];
}
