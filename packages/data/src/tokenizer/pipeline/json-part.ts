/** An object of `tokenizer.json`. */
export type JsonPart = Readonly<Record<string, unknown>>;

/** A reason why a `tokenizer.json` cannot be used; who knows its name makes an error of it. */
export class TokenizerFault extends Error {
  /** Whether the file may be right, and only is of a kind that is not supported. */
  readonly isUnsupported: boolean;

  constructor(reason: string, isUnsupported = false) {
    super(reason);
    this.isUnsupported = isUnsupported;
  }
}

export function isObject(value: unknown): value is JsonPart {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A flag that must be there. */
export function flag(part: JsonPart, key: string): boolean {
  const value = part[key];
  if (typeof value !== "boolean") throw wrong(part, key, "true or false");
  return value;
}

/** A text that must be there. */
export function text(part: JsonPart, key: string): string {
  const value = part[key];
  if (typeof value !== "string") throw wrong(part, key, "a text");
  return value;
}

/** One character that must be there. */
export function character(part: JsonPart, key: string): string {
  const value = text(part, key);
  if (Array.from(value).length !== 1) throw wrong(part, key, "one character");
  return value;
}

/** Objects in a list that must be there. */
export function parts(part: JsonPart, key: string): readonly JsonPart[] {
  const value = part[key];
  if (!Array.isArray(value) || !value.every(isObject)) throw wrong(part, key, "a list of objects");
  return value;
}

/** An error about a value of a part. */
export function wrong(part: JsonPart, key: string, expected: string): TokenizerFault {
  const found = JSON.stringify(part[key]) ?? "nothing";
  const { type } = part;
  const shown = found.length > 80 ? `${found.slice(0, 80)}...` : found;
  return new TokenizerFault(
    `"${key}" of its ${typeof type === "string" ? type.slice(0, 40) : "part"} must be ${expected}, but is ${shown}`,
  );
}

/** Deepest nesting of sequences of parts. */
export const DEEPEST = 32;

/** An error about a part of a kind that is not supported. */
export function unsupported(kind: string, part: JsonPart): TokenizerFault {
  const type = JSON.stringify(part["type"] ?? null).slice(0, 60);
  return new TokenizerFault(`its ${kind} ${type} is not supported`, true);
}
