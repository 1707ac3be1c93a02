/** Whether a byte stands for itself in a byte-level vocabulary, as the visible characters of Latin-1 do. */
function isVisible(byte: number): boolean {
  return (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
}

/** The character that stands for each byte in a byte-level vocabulary: itself, or one of those from U+0100 on. */
export const BYTE_CHARACTERS: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  if (isVisible(byte)) return String.fromCharCode(byte);
  const hidden = Array.from({ length: byte }, (__, before) => before).filter(
    (before) => !isVisible(before),
  );
  return String.fromCharCode(0x100 + hidden.length);
});

/** Writes a text by the characters that stand for its bytes. */
export function byteCharacters(text: string): string {
  let written = "";
  for (const byte of Buffer.from(text)) written += BYTE_CHARACTERS[byte] as string;
  return written;
}
