import { ConfigError, nearestName, PlanError, type RawConfig } from "@ligo/core";
import { editDistance, layOver } from "@ligo/core/json";
import { configKeys, labelCount } from "@ligo/core/layout";
import type { ModelSpec } from "../models/model-spec.js";
import { GENERAL_KEYS, synonymOf } from "./known-keys.js";

/** Where keys of a target are from, and whether they are a whole config. */
interface TargetKeys {
  readonly file: string;
  readonly isWhole: boolean;
}

/** Edits that make a misspelt name of another. */
const MISSPELT = 2;

/**
 * Refuses keys of a target that nothing reads, naming what may be meant, and label names that are changed. Keys that the source has
 * with the same value ask for nothing. A whole config may hold more keys than are read, unless one looks like a misspelt key that
 * it lacks.
 *
 * Throws `ConfigError` `config/unknown-key`, `PlanError` `plan/labels-differ`.
 */
export function checkTargetKeys(
  given: RawConfig,
  { architecture, className, raw }: ModelSpec,
  { file, isWhole }: TargetKeys,
): void {
  const own = new Set([...configKeys(architecture), ...Object.keys(architecture.follows ?? {})]);
  const known = new Set([...own, ...GENERAL_KEYS]);
  for (const [key, value] of Object.entries(given)) {
    if (known.has(key) || (key in raw && (isWhole || isSame(value, raw[key])))) continue;
    const meant = synonymOf(key, own) ?? nearestName(key, known) ?? "none";
    const isMisspelt = !(meant in given) && editDistance(key, meant) <= MISSPELT;
    if (isWhole && !isMisspelt) continue;
    throw new ConfigError(
      "config/unknown-key",
      `${file}: nothing reads the key "${key}" of a ${className}; the nearest is "${meant}". Correct it, or leave it out.`,
      { file, expected: meant, actual: key },
    );
  }
  if (!isWhole) checkLabels(given, raw, file);
}

/** Keys that name labels. */
const NAMES = ["id2label", "label2id"] as const;

function checkLabels(given: RawConfig, raw: RawConfig, file: string): void {
  const key = NAMES.find((name) => name in given && !isSame(given[name], raw[name]));
  if (key === undefined) return;
  throw new PlanError(
    "plan/labels-differ",
    `${file}: ${key} names the labels that the weights were trained for, so growth keeps the source's. Leave ${key} out, or ` +
      "change it in the config.json of the source.",
    { file, expected: JSON.stringify(raw[key]) ?? `no ${key}`, actual: JSON.stringify(given[key]) },
  );
}

const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/** A whole config with the label names of the source where it has as many labels: they belong to the weights. */
export function withLabelsOf(source: ModelSpec, keys: RawConfig): RawConfig {
  if (countOf(keys) !== countOf(source.raw)) return keys;
  const { id2label: _names, label2id: _ids, num_labels: _count, ...others } = keys;
  const own = [...NAMES, "num_labels"].filter((name) => name in source.raw);
  return layOver(others, Object.fromEntries(own.map((name) => [name, source.raw[name]])));
}

/** Number of labels that a config tells, as transformers counts them. */
function countOf({ id2label, num_labels: count }: RawConfig): number {
  const isNamed = typeof id2label === "object" && id2label !== null;
  return labelCount({
    id2label: isNamed ? (id2label as Readonly<Record<string, string>>) : undefined,
    num_labels: typeof count === "number" ? count : undefined,
  });
}
