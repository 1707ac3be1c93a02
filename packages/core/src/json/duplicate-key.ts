/**
 * The first key that occurs twice in one object of a JSON text, at any depth; `undefined` where there is none.
 * `JSON.parse` keeps the last of two equal keys and says nothing. The text must be valid JSON: parse it first.
 */
export function findDuplicateKey(json: string): string | undefined {
  // One entry per open bracket: the keys seen so far in an object, or undefined for an array.
  const open: (Set<string> | undefined)[] = [];
  let expectKey = false;
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case "{":
        open.push(new Set());
        expectKey = true;
        break;
      case "[":
        open.push(undefined);
        expectKey = false;
        break;
      case "}":
      case "]":
        open.pop();
        expectKey = false;
        break;
      case ",":
        expectKey = open.at(-1) !== undefined;
        break;
      case '"': {
        const end = endOfString(json, at);
        if (expectKey) {
          const key = decodeString(json, at, end);
          const keys = open.at(-1);
          if (keys?.has(key)) return key;
          keys?.add(key);
          expectKey = false;
        }
        at = end;
        break;
      }
      default:
    }
  }
  return undefined;
}

/** Index of the quote that closes the string opened at `start`. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at;
}

/** The string between two quotes; escapes are resolved, so that `"\u0061"` equals `"a"`. */
function decodeString(json: string, start: number, end: number): string {
  const raw = json.slice(start + 1, end);
  return raw.includes("\\") ? String(JSON.parse(`"${raw}"`)) : raw;
}
