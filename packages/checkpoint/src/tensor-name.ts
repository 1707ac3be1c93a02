// Control characters and unpaired surrogates break terminals, JSON writers and other readers.
const FORBIDDEN = /[\p{Cc}\p{Cs}]/u;

/** Whether a tensor may be called that: not empty, no control characters, well-formed Unicode, not the metadata key. */
export function isTensorName(name: string): boolean {
  return name !== "" && name !== "__metadata__" && !FORBIDDEN.test(name);
}

/** Orders strings by code point, as Rust and Python sort them. */
export function compareByCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
