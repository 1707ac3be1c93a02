/** A text without the byte order mark that some editors put before it. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/**
 * The text of UTF-8 bytes, without a byte order mark. Throws a `SyntaxError` whose message is the reason: UTF-16 and UTF-32
 * are told as such.
 */
export function decodeText(bytes: Uint8Array): string {
  const other = otherEncoding(bytes);
  if (other !== undefined) throw new SyntaxError(`it is ${other} text: save it as UTF-8`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SyntaxError("it is not UTF-8 text");
  }
}

/** UTF-16 or UTF-32 by its mark, or by the zero bytes that every ASCII character has there. */
function otherEncoding([a, b, c, d]: Uint8Array): "UTF-16" | "UTF-32" | undefined {
  const mark = [a, b, c, d].join(" ");
  if (mark === "255 254 0 0" || mark === "0 0 254 255") return "UTF-32";
  if (mark.startsWith("255 254 ") || mark.startsWith("254 255 ")) return "UTF-16";
  const zeros = [a, b, c, d].map((byte) => (byte === 0 ? "0" : "x")).join("");
  if (zeros === "x000" || zeros === "000x") return "UTF-32";
  if (zeros === "x0x0" || zeros === "0x0x") return "UTF-16";
  return undefined;
}
