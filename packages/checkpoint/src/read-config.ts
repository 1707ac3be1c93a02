import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { RawConfig } from "@ligo/core";
import * as z from "@ligo/core/zod";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { readJsonFile } from "./json/json-file.js";

const withModelType = z.looseObject({ model_type: z.string().min(1) });

/**
 * Reads a Hugging Face `config.json`, given as a file or as the folder that holds it. All keys are kept. Throws
 * `CheckpointError`: `checkpoint/config-missing`, `config-not-json`, `config-not-object`, `config-no-model-type`.
 */
export async function readConfig(path: string): Promise<RawConfig> {
  const file = await configPath(path);
  let value: unknown;
  try {
    ({ value } = await readJsonFile(file, {
      code: "checkpoint/config-not-json",
      spelling: true,
    }));
  } catch (cause) {
    if (!(cause instanceof CheckpointError) || cause.code !== "checkpoint/not-found") throw cause;
    throw new CheckpointError(
      "checkpoint/config-missing",
      `There is no config at ${file}. A checkpoint needs its config.json beside the weights: copy it there.`,
      { file, cause },
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CheckpointError(
      "checkpoint/config-not-object",
      `${file} is JSON but not an object.`,
      {
        file,
        expected: "an object",
        actual: Array.isArray(value) ? "an array" : value === null ? "null" : typeof value,
      },
    );
  }
  if (!withModelType.safeParse(value).success) {
    throw new CheckpointError(
      "checkpoint/config-no-model-type",
      `${file} has no "model_type". Add the one of the architecture, for example "model_type": "bert".`,
      { file, expected: "a non-empty string at model_type" },
    );
  }
  return value as RawConfig;
}

async function configPath(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? join(path, "config.json") : path;
  } catch {
    return path;
  }
}
