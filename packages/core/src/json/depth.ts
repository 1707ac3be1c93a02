/** Most levels of objects and lists within each other that a JSON text may have; real ones have under 20. */
export const MAX_DEPTH = 500;

/** Length from which brackets are counted before a text is parsed. */
const LONG = 2 ** 20;

/**
 * The value of plain JSON that is nested at most `most` levels deep; beyond that a `SyntaxError` is thrown. The depth of a long
 * text is counted before it is parsed: the engine takes a second for two million levels.
 *
 * @param otherwise told the engine's `SyntaxError` where it is not plain JSON; default: throws it
 */
export function parseNested(
  text: string,
  most: number,
  otherwise: (error: unknown) => unknown = rethrow,
): unknown {
  const isLong = text.length >= LONG;
  if (isLong) checkTextDepth(text, most);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return otherwise(error);
  }
  if (!isLong) checkDepth(value, most);
  return value;
}

function rethrow(error: unknown): never {
  throw error;
}

/** Throws a `SyntaxError` where objects and lists stand within each other more than `most` levels deep. */
function checkDepth(value: unknown, most: number): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const holder of level) {
      if (typeof holder !== "object" || holder === null) continue;
      for (const inner of Object.values(holder) as unknown[]) {
        if (typeof inner === "object" && inner !== null) next.push(inner);
      }
    }
    if (depth + 1 >= most && next.length > 0) {
      throw new SyntaxError(`it is nested deeper than ${most} levels`);
    }
    level = next;
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Throws a `SyntaxError` where brackets stand within each other more than `most` levels deep. */
function checkTextDepth(text: string, most: number): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = closingQuote(text, at);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) depth++;
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
    if (depth > most) throw new SyntaxError(`it is nested deeper than ${most} levels`);
  }
}

/** Place of the quote that closes a string, or the end of the text. */
function closingQuote(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
