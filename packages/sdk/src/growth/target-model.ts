import { PlanError, type RawConfig } from "@ligo/core";
import { layOver, parseJson } from "@ligo/core/json";
import { canonicalKeys, followingKeys } from "@ligo/core/layout";
import type { LayerList } from "@ligo/core/methods";
import { modelTypeOf } from "../models/model-type.js";
import { describeModel, type ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";
import { changesBesideSizes } from "./target-changes.js";
import { checkTargetKeys, withLabelsOf } from "./target-keys.js";
import { checkLayerCount, withLayerCount } from "./target-layers.js";
import { checkWord, isSizeWord, wordSizes } from "./target-words.js";

/** The model that is grown to. */
export interface TargetModel extends ModelSpec {
  /** Keys of the target as they were written. */
  readonly given: RawConfig;
  /** Keys that were chosen for a word, or for a number of parameters. */
  readonly chosen?: RawConfig;
}

/** Keys of a target, and what made them. */
export interface TargetKeys {
  readonly keys: RawConfig;
  /** Where they are from, for messages. */
  readonly file: string;
  /** Whether a word or a number of parameters stands for them. */
  readonly areChosen: boolean;
}

/** What says the size of a target beside its keys, and who is told what it changes. */
export interface TargetSizing {
  /** The source layer of every layer, where a list gives them: the number of layers follows. */
  readonly layers?: LayerList | undefined;
  /** Parameters that the target is to have; `to` is a shape such as `2x-deep`, or empty. */
  readonly parameters?: number | undefined;
  /** Told of what a whole config changes besides sizes. */
  readonly tell?: ((changes: readonly string[]) => void) | undefined;
}

/** Name of keys that are from no file. */
export const INLINE = "`to`";

/**
 * The keys that a word, or a number of parameters, stands for; `undefined` where a config says the sizes. Throws
 * `UsageError` `sdk/target-word`, and what `findSizes` throws.
 */
export function chosenKeys(
  to: unknown,
  source: ModelSpec,
  { layers, parameters }: TargetSizing,
): TargetKeys | undefined {
  checkWord(to);
  const word = isSizeWord(to) ? to : undefined;
  if (word === undefined && parameters === undefined) return undefined;
  const keys = wordSizes(source, { word, parameters, layers: layers?.length });
  return { keys, file: INLINE, areChosen: true };
}

/**
 * The model that keys describe. Those with `model_type` are whole; any others are laid over the source's. The class is the one
 * the whole config names, else the source's. Names of labels stay the source's.
 *
 * Throws `plan/architectures-differ`; what `checkTargetKeys` throws of keys that nothing reads; `plan/layers`; and what
 * `describeModel` throws.
 */
export function targetOf(
  { areChosen, file, keys: given }: TargetKeys,
  source: ModelSpec,
  { layers, tell }: TargetSizing = {},
): TargetModel {
  const { architecture } = source;
  const own = canonicalKeys(architecture, given, file);
  const isWhole = "model_type" in own;
  const keys = isWhole || layers === undefined ? own : withLayerCount(own, source, layers);
  if (isWhole) checkModelType(keys, source, file);
  checkTargetKeys(given, source, { file, isWhole });
  const whole = isWhole
    ? withLabelsOf(source, keys)
    : layOver(source.raw, followingKeys(architecture, source.raw, keys, layers), keys);
  const described = describeTarget(whole, file, source);
  const raw = { ...whole, architectures: [described.className] };
  const target = { ...described, raw, given, ...(areChosen ? { chosen: given } : {}) };
  if (layers !== undefined) checkLayerCount(source, target, layers);
  const changes = isWhole ? changesBesideSizes(source, target, keys) : [];
  if (changes.length > 0) tell?.(changes);
  return target;
}

/** What the source's tensors tell holds for its own class. */
function describeTarget(whole: RawConfig, file: string, source: ModelSpec): ModelSpec {
  const { architecture, className, implied } = source;
  const described = describeModel(architecture, whole, file, className);
  return described.className === className
    ? describeModel(architecture, whole, file, className, implied)
    : described;
}

function checkModelType(keys: RawConfig, { config }: ModelSpec, file: string): void {
  const [modelType, actual] = [config, keys].map(modelTypeOf);
  if (actual === modelType) return;
  throw new PlanError(
    "plan/architectures-differ",
    `${file}: a ${modelType} model cannot be grown to a ${actual} model.`,
    { file, expected: modelType, actual },
  );
}

export const NOT_JSON = "sdk/target-not-json";

/** Keys written as JSON in place of a file. Throws `UsageError`: `sdk/target-not-json`, `sdk/target-not-object`. */
export function inlineKeys(text: string): TargetKeys {
  try {
    const keys = keysOf(parseJson(text, { spelling: true, unique: true }), INLINE);
    return { keys, file: INLINE, areChosen: false };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new UsageError(NOT_JSON, `${INLINE} is not JSON (${cause.message}).`, {
      file: INLINE,
      expected: "JSON",
      cause,
    });
  }
}

/** A value of JSON as keys of a config. Throws `UsageError` `sdk/target-not-object`. */
export function keysOf(value: unknown, file: string): RawConfig {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as RawConfig;
  throw new UsageError("sdk/target-not-object", `${file} is JSON but not an object.`, {
    file,
    expected: "an object of config keys",
  });
}
