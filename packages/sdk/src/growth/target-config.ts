import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { PlanError, type RawConfig } from "@ligo/core";
import { followingKeys } from "@ligo/core/layout";
import { localModelPart, type HubAccess } from "../models/hub-models.js";
import { describeModel, type ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";

/**
 * What is grown to: a path of a JSON file or of the folder that holds config.json, an id on the Hugging Face hub, inline JSON, or
 * the keys themselves.
 */
export type TargetConfig = string | RawConfig;

const INLINE = "`to`";

/**
 * The model to grow to. A config with `model_type` is whole; any other is laid over the source's. The class is the one
 * the whole config names, else the source's. Throws {@link UsageError}: `sdk/target-missing`, `sdk/target-not-json`,
 * `sdk/target-not-object`; `plan/architectures-differ`; and what `describeModel` throws.
 */
export async function targetModel(
  to: TargetConfig,
  source: ModelSpec,
  access: HubAccess = {},
): Promise<ModelSpec> {
  const { keys, file } = await readTarget(to, access);
  const { architecture } = source;
  if ("model_type" in keys) checkModelType(keys, source, file);
  const whole =
    "model_type" in keys
      ? keys
      : { ...source.raw, ...followingKeys(architecture, source.raw, keys) };
  const described = describeModel(architecture, whole, file, source.className);
  return { ...described, raw: { ...whole, architectures: [described.className] } };
}

function checkModelType(keys: RawConfig, { config }: ModelSpec, file: string): void {
  const [modelType, actual] = [config, keys].map(({ model_type: type }) => String(type));
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
  if (to.trimStart().startsWith("{")) return { keys: parse(to, INLINE), file: INLINE };
  const path = await localModelPart(to, "config", access);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? join(path, "config.json") : path;
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new UsageError(
      "sdk/target-missing",
      `The target config ${file} cannot be read. Give a JSON file, or the keys to change as JSON, ` +
        'such as {"num_hidden_layers": 12}.',
      { file, cause },
    );
  }
  return { keys: parse(text, file), file };
}

function parse(text: string, file: string): RawConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError("sdk/target-not-json", `${file} is not JSON (${reason}).`, {
      file,
      expected: "JSON",
      cause,
    });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError("sdk/target-not-object", `${file} is JSON but not an object.`, {
      file,
      expected: "an object of config keys",
    });
  }
  return value as RawConfig;
}
