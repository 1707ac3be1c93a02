import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { RawConfig } from "@ligo/core";
import { hashFile, parseJson, writeFileAtomically, type Checkpoint } from "@ligo/checkpoint";
import type { HubOrigin } from "./hub-models.js";
import type { MemoryModel } from "./model-source.js";
import type { ModelSpec } from "./model-spec.js";
import { snakeCase } from "../settings/snake-case.js";
import { UsageError } from "../usage-error.js";
import { readVersion } from "../version.js";

/** Versions of the software, for every record. */
export function softwareVersions(): Readonly<Record<string, string>> {
  return { ligo: readVersion(), node: process.versions.node };
}

/** Where a model came from: its folder, its class, and the SHA-256 of its config and weights. */
export type SourceRecord = Readonly<Record<string, unknown>>;

/** Reads a model's files whole to say where it came from. Where the signal is aborted, its reason is thrown. */
export async function sourceRecord(
  { configFile, files, folder }: Checkpoint,
  spec: ModelSpec,
  hub: HubOrigin | undefined,
  signal?: AbortSignal,
): Promise<SourceRecord> {
  const hashes: Record<string, string> = {};
  for (const file of [configFile, ...files]) hashes[basename(file)] = await hashFile(file, signal);
  const path = resolve(folder);
  return { path, ...(hub === undefined ? {} : { hub }), class: spec.className, sha256: hashes };
}

/** The same of a model in memory, which has no path: the SHA-256 of its config, and of its tensors in their order. */
export function memoryRecord({ config, tensors }: MemoryModel, spec: ModelSpec): SourceRecord {
  const hash = createHash("sha256");
  for (const [name, { data, dtype, shape }] of tensors) {
    hash.update(`${JSON.stringify([name, dtype, shape])}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  const hashes = { config: configHash(config), tensors: hash.digest("hex") };
  return { path: null, class: spec.className, sha256: hashes };
}

/** Settings as a record spells them: `learningRate` becomes `learning_rate`. */
export function recordedSettings(
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(settings).map(([key, value]): [string, unknown] => [
    snakeCase(key),
    value ?? null,
  ]);
  return Object.fromEntries(entries);
}

/** SHA-256 of a config's keys, whatever their order. */
export function configHash(config: RawConfig): string {
  const sorted = Object.fromEntries(
    Object.entries(config).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex");
}

/** Name of the record in an output folder. */
export const RECORD_NAME = "ligo.json";

/** Writes `ligo.json` into an output folder. */
export async function writeRecord(
  folder: string,
  record: Readonly<Record<string, unknown>>,
): Promise<void> {
  await writeFileAtomically(join(folder, RECORD_NAME), `${JSON.stringify(record, undefined, 2)}\n`);
}

/**
 * Reads parts of the `ligo.json` of an output folder that `ligo` wrote. Throws `sdk/bad-record` where it is damaged.
 */
export async function readRecord<T>(
  folder: string,
  keys: readonly (keyof T & string)[],
): Promise<T> {
  const file = join(folder, RECORD_NAME);
  try {
    const record = parseJson(await readFile(file)) as Readonly<Record<string, unknown>>;
    if (record["format"] !== "ligo.record") throw new SyntaxError("it is no ligo.record");
    return Object.fromEntries(
      keys.filter((key) => key in record).map((key) => [key, record[key]]),
    ) as T;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError("sdk/bad-record", `${file} cannot be read: ${reason}.`, { file, cause });
  }
}
