import type { RawConfig } from "@ligo/core";
import { MAX_DEPTH, pythonNumber, spellingOf } from "@ligo/core/json";
import { CheckpointError } from "../errors/checkpoint-error.js";
import { compareByCodePoint } from "../tensor-name.js";

/** How JSON is laid out. Both indent by two spaces and spell numbers as they were read, others as Python does. */
interface Style {
  /** Whether keys are sorted and characters beyond ASCII escaped, as by `json.dumps(value, indent=2, sort_keys=True)`. */
  readonly python: boolean;
}

/**
 * A config as `save_pretrained` writes it: two spaces, keys sorted, numbers spelled as they were read, others as Python
 * does, ASCII only, and a newline at the end.
 */
export function renderConfig(config: RawConfig): string {
  return renderPythonJson(config);
}

/** JSON as Python's `json.dumps(value, indent=2, sort_keys=True)` writes it, and a newline. */
export function renderPythonJson(value: unknown): string {
  return `${renderNested(value, { python: true })}\n`;
}

/** JSON as `JSON.stringify(value, undefined, 2)` writes it, but for numbers, which keep their spelling, and a newline. */
export function renderJson(value: unknown): string {
  return `${renderNested(value, { python: false })}\n`;
}

/** A value, and where it stands. */
interface Place {
  readonly key: string;
  /** The object or list it stands in. */
  readonly holder: object;
  /** Its key or index there. */
  readonly index: string;
  readonly indent: string;
}

const renderNested = (value: unknown, style: Style): string =>
  render(value, { key: "", holder: {}, index: "", indent: "" }, style);

function render(value: unknown, { holder, index, indent, key }: Place, style: Style): string {
  const inner = `${indent}  `;
  if (inner.length > 2 * MAX_DEPTH + 2)
    throw notJson(key, `nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const items = value.map((item: unknown, at) => {
      const place = { key, holder: value, index: String(at), indent: inner };
      return inner + render(item, place, style);
    });
    return `[\n${items.join(",\n")}\n${indent}]`;
  }
  if (typeof value === "object" && value !== null) {
    const entries = entriesOf(value, style);
    if (entries.length === 0) return "{}";
    const lines = entries.map(([name, item]) => {
      const place = { key: name, holder: value, index: name, indent: inner };
      return `${inner}${renderString(name, style)}: ${render(item, place, style)}`;
    });
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  if (typeof value === "number") {
    const spelled = spellingOf(holder, index, value);
    if (spelled !== undefined) return spelled;
    if (Number.isFinite(value)) return pythonNumber(value, key);
    throw notJson(key, String(value));
  }
  if (typeof value === "string") return renderString(value, style);
  if (typeof value === "boolean" || value === null) return String(value);
  throw notJson(key, `a ${typeof value}`);
}

function notJson(key: string, actual: string): CheckpointError {
  return new CheckpointError(
    "checkpoint/config-not-json",
    `The config value ${JSON.stringify(key)} is ${actual}, which JSON cannot hold. Remove it or use null.`,
    { expected: "a JSON value", actual },
  );
}

/** Undefined values are left out. Number-like keys (`id2label`) are numbers in Python and sorted as such. */
function entriesOf(value: object, { python }: Style): readonly [string, unknown][] {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (!python) return entries;
  const numeric = entries.every(([name]) => /^\d+$/.test(name));
  return entries.toSorted(([a], [b]) =>
    numeric ? Number(a) - Number(b) : compareByCodePoint(a, b),
  );
}

function renderString(value: string, { python }: Style): string {
  const json = JSON.stringify(value);
  if (!python) return json;
  return json.replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
