import type { RawConfig } from "@ligo/core";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { compareByCodePoint } from "./tensor-name.js";

/**
 * Config values that transformers declares as floats: it refuses an integer there, and JavaScript does not tell 1 from
 * 1.0. Whole numbers under these keys are written with `.0`.
 */
const FLOAT_KEY = /(?:_eps|_epsilon|_prob|_pdrop|_dropout|^initializer_range|^drop_path_rate)$/;

/**
 * A config as `save_pretrained` writes it: two spaces, keys sorted, numbers spelled as Python does, ASCII only, and a
 * newline at the end.
 */
export function renderConfig(config: RawConfig): string {
  return renderPythonJson(config);
}

/** JSON as Python's `json.dumps(value, indent=2, sort_keys=True)` writes it, and a newline. */
export function renderPythonJson(value: unknown): string {
  return `${render(value, "", "")}\n`;
}

function render(value: unknown, key: string, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const items = value.map((item) => inner + render(item, key, inner));
    return `[\n${items.join(",\n")}\n${indent}]`;
  }
  if (typeof value === "object" && value !== null) {
    const entries = sortedEntries(value);
    if (entries.length === 0) return "{}";
    const lines = entries.map(
      ([name, item]) => `${inner}${renderString(name)}: ${render(item, name, inner)}`,
    );
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  if (typeof value === "number" && Number.isFinite(value)) return renderNumber(value, key);
  if (typeof value === "string") return renderString(value);
  if (typeof value === "boolean" || value === null) return String(value);
  const kind = typeof value === "number" ? String(value) : `a ${typeof value}`;
  throw new CheckpointError(
    "checkpoint/config-not-json",
    `The config value ${JSON.stringify(key)} is ${kind}, which JSON cannot hold. Remove it or use null.`,
    { expected: "a JSON value", actual: kind },
  );
}

/** Undefined values are left out. Number-like keys (`id2label`) are numbers in Python and sorted as such. */
function sortedEntries(value: object): [string, unknown][] {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const numeric = entries.every(([name]) => /^\d+$/.test(name));
  return entries.toSorted(([a], [b]) =>
    numeric ? Number(a) - Number(b) : compareByCodePoint(a, b),
  );
}

function renderNumber(value: number, key: string): string {
  if (Number.isInteger(value)) {
    return FLOAT_KEY.test(key) && Math.abs(value) < 1e16 ? value.toFixed(1) : String(value);
  }
  if (Math.abs(value) >= 1e-4) return String(value);
  // Python: 1e-05, where JavaScript has 0.00001 or 1e-5.
  return value.toExponential().replace(/e-(\d)$/, "e-0$1");
}

function renderString(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
