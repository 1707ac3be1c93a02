/** A name as records and JSON results spell it: `learning_rate` for `learningRate`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}

/** The same value with keys as JSON has them, `held_out` for `heldOut`; names such as `HasAns_exact` stay. */
export function jsonKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      /^[a-z][\da-z]*[A-Z]/u.test(key) ? snakeCase(key) : key,
      jsonKeys(inner),
    ]),
  );
}
