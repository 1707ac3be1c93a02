import { stat } from "node:fs/promises";
import { join } from "node:path";
import { PlanError, type RawConfig } from "@ligo/core";
import { canonicalKeys, followingKeys } from "@ligo/core/layout";
import type { LayerList } from "@ligo/core/methods";
import { CheckpointError, layOver, parseJson, readJsonFile } from "@ligo/checkpoint";
import type { Context } from "../context.js";
import { localModelPart, type HubAccess } from "../models/hub-models.js";
import { describeModel, type ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";
import { changesBesideSizes } from "./target-changes.js";
import { checkLayerCount, withLayerCount } from "./target-layers.js";
import { checkTargetKeys, withLabelsOf } from "./target-keys.js";
import { checkWord, isSizeWord, wordSizes } from "./target-words.js";
import { modelTypeOf } from "../models/model-type.js";

/**
 * What is grown to: a path of a JSON file or of the folder that holds config.json, an id on the Hugging Face hub, inline JSON, the
 * keys themselves, or a word: `2x`, `2x-wide`, `2x-deep`.
 */
export type TargetConfig = string | RawConfig;

/** How the target is got at, and who is told what it changes. */
export interface TargetAccess extends HubAccess {
  readonly emit?: Context["emit"] | undefined;
  /** The source layer of every layer, where a list gives them: the number of layers follows. */
  readonly layers?: LayerList | undefined;
  /** Parameters that the target is to have; `to` is a shape such as `2x-deep`, or empty. */
  readonly parameters?: number | undefined;
}

/** The model that is grown to. */
export interface TargetModel extends ModelSpec {
  /** Keys of the target as they were written. */
  readonly given: RawConfig;
  /** Keys that were chosen for a word, or for a number of parameters. */
  readonly chosen?: RawConfig;
}

const INLINE = "`to`";

/**
 * The model to grow to. A config with `model_type` is whole; any other is laid over the source's. The class is the one
 * the whole config names, else the source's. Names of labels stay the source's. What a whole config changes besides sizes is told.
 *
 * Throws {@link UsageError}: `sdk/target-missing`, `sdk/target-not-json`, `sdk/target-not-object`, `sdk/target-word`;
 * `plan/architectures-differ`; what `checkTargetKeys` throws of keys that nothing reads; `plan/layers`; what `findSizes` throws;
 * and what `describeModel` throws.
 */
export async function targetModel(
  to: TargetConfig,
  source: ModelSpec,
  access: TargetAccess = {},
): Promise<TargetModel> {
  const { architecture } = source;
  const { layers } = access;
  const chosen = chosenSizes(to, source, access);
  const { file, keys: given } =
    chosen === undefined ? await readTarget(to, access) : { file: INLINE, keys: chosen };
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
  const target = { ...described, raw, given, ...(chosen === undefined ? {} : { chosen }) };
  if (layers !== undefined) checkLayerCount(source, target, layers);
  const changes = isWhole ? changesBesideSizes(source, target, keys) : [];
  if (changes.length > 0) access.emit?.({ type: "warning", code: "target-changes", changes });
  return target;
}

/** The keys that a word, or a number of parameters, stands for; `undefined` where a config says the sizes. */
function chosenSizes(
  to: TargetConfig,
  source: ModelSpec,
  { layers, parameters }: TargetAccess,
): RawConfig | undefined {
  checkWord(to);
  const word = isSizeWord(to) ? to : undefined;
  if (word === undefined && parameters === undefined) return undefined;
  return wordSizes(source, { word, parameters, layers: layers?.length });
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

async function readTarget(
  to: TargetConfig,
  access: HubAccess,
): Promise<{ keys: RawConfig; file: string }> {
  if (typeof to !== "string") return { keys: to, file: INLINE };
  if (to.trimStart().startsWith("{")) return { keys: inlineKeys(to), file: INLINE };
  const path = await localModelPart(to, "config", access);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? join(path, "config.json") : path;
  try {
    const { value } = await readJsonFile(file, { code: NOT_JSON, spelling: true, unique: true });
    return { keys: keysOf(value, file), file };
  } catch (cause) {
    if (!(cause instanceof CheckpointError)) throw cause;
    if (cause.code === NOT_JSON) throw new UsageError(NOT_JSON, cause.message, { file, cause });
    throw new UsageError(
      "sdk/target-missing",
      `The target config ${file} cannot be read. Give a JSON file, the keys to change as JSON, ` +
        'such as {"num_hidden_layers": 12}, or 2x, 2x-wide, 2x-deep.',
      { file, cause },
    );
  }
}

const NOT_JSON = "sdk/target-not-json";

function inlineKeys(text: string): RawConfig {
  try {
    return keysOf(parseJson(text, { spelling: true, unique: true }), INLINE);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new UsageError(NOT_JSON, `${INLINE} is not JSON (${cause.message}).`, {
      file: INLINE,
      expected: "JSON",
      cause,
    });
  }
}

function keysOf(value: unknown, file: string): RawConfig {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as RawConfig;
  throw new UsageError("sdk/target-not-object", `${file} is JSON but not an object.`, {
    file,
    expected: "an object of config keys",
  });
}
