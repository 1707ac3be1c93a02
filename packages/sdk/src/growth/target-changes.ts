import type { RawConfig } from "@ligo/core";
import { keysBehind } from "@ligo/core/layout";
import type { ModelSpec } from "../models/model-spec.js";

/** Keys that say nothing of what a model computes, and those that are written anew. */
const QUIET: ReadonlySet<string> = new Set([
  "_attn_implementation",
  "_name_or_path",
  "architectures",
  "auto_map",
  "dtype",
  "name_or_path",
  "torch_dtype",
  "transformers_version",
]);

/**
 * What a target config changes besides sizes, in words: an activation, an epsilon, a dropout rate. Label names that it has are told
 * too, as the source's are kept.
 *
 * @param given keys of the target as they were read
 */
export function changesBesideSizes(
  source: ModelSpec,
  target: ModelSpec,
  given: RawConfig,
): readonly string[] {
  const before: RawConfig = { ...source.raw, ...source.config };
  const after: RawConfig = { ...target.raw, ...target.config };
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => !QUIET.has(key) && spelled(ownValue(before, key)) !== spelled(ownValue(after, key)),
  );
  const changes = Object.fromEntries(changed.map((key) => [key, target.config[key]]));
  const sizes = new Set(keysBehind(source, changes, ({ spaces, stacks }) => ({ spaces, stacks })));
  const told = changed
    .filter((key) => !sizes.has(key))
    .map(
      (key) =>
        `${key} changes from ${short(ownValue(before, key))} to ${short(ownValue(after, key))}`,
    );
  const kept = ["id2label", "label2id"].filter(
    (key) => key in given && spelled(given[key]) !== spelled(target.raw[key]),
  );
  return [
    ...told,
    ...kept.map((key) => `${key} stays the source's, as the weights were trained for it`),
  ];
}

/** The value of a key; a key such as `toString` is none that every object has. */
const ownValue = (keys: RawConfig, key: string): unknown =>
  Object.hasOwn(keys, key) ? keys[key] : undefined;

/** Null stands for no value, as in transformers. */
const spelled = (value: unknown): string => JSON.stringify(value ?? null);

/** Characters shown of a value. */
const SHOWN = 60;

function short(value: unknown): string {
  const text = value === undefined ? "nothing" : spelled(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}
