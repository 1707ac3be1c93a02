import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { RawConfig } from "@ligo/core";
import { CheckpointError, readJsonFile } from "@ligo/checkpoint";
import type { Context } from "../context.js";
import { localModelPart, type HubAccess } from "../models/hub-models.js";
import type { ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";
import {
  chosenKeys,
  INLINE,
  inlineKeys,
  keysOf,
  NOT_JSON,
  targetOf,
  type TargetKeys,
  type TargetModel,
  type TargetSizing,
} from "./target-model.js";

/**
 * What is grown to: a path of a JSON file or of the folder that holds config.json, an id on the Hugging Face hub, inline JSON, the
 * keys themselves, or a word: `2x`, `2x-wide`, `2x-deep`.
 */
export type TargetConfig = string | RawConfig;

/** How the target is got at, and who is told what it changes. */
export interface TargetAccess extends HubAccess, Pick<TargetSizing, "layers" | "parameters"> {
  readonly emit?: Context["emit"] | undefined;
}

/**
 * The model to grow to, as `targetOf` makes it. What a whole config changes besides sizes is told.
 *
 * Throws {@link UsageError}: `sdk/target-missing`, `sdk/target-not-json`, `sdk/target-not-object`; and what `chosenKeys` and
 * `targetOf` throw.
 */
export async function targetModel(
  to: TargetConfig,
  source: ModelSpec,
  access: TargetAccess = {},
): Promise<TargetModel> {
  const keys = chosenKeys(to, source, access) ?? (await readTarget(to, access));
  const { emit, layers } = access;
  const tell = (changes: readonly string[]): void =>
    emit?.({ type: "warning", code: "target-changes", changes });
  return targetOf(keys, source, { layers, tell });
}

async function readTarget(to: TargetConfig, access: HubAccess): Promise<TargetKeys> {
  if (typeof to !== "string") return { keys: to, file: INLINE, areChosen: false };
  if (to.trimStart().startsWith("{")) return inlineKeys(to);
  const path = await localModelPart(to, "config", access);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? join(path, "config.json") : path;
  try {
    const { value } = await readJsonFile(file, { code: NOT_JSON, spelling: true, unique: true });
    return { keys: keysOf(value, file), file, areChosen: false };
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
