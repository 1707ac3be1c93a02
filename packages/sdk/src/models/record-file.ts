import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { RawConfig } from "@ligo/core";
import { hashFile, writeFileAtomically } from "@ligo/checkpoint";
import type { OpenedModel } from "./open-model.js";
import { UsageError } from "../usage-error.js";
import { readVersion } from "../version.js";

/** What every `ligo.json` says of the software that wrote it. */
export function softwareVersions(): Readonly<Record<string, string>> {
  return { ligo: readVersion(), node: process.versions.node };
}

/** Where a model came from: its folder, its class, and the SHA-256 of its config and weights. */
export type SourceRecord = Readonly<Record<string, unknown>>;

/** Reads a model's files whole to say where it came from. Where the signal is aborted, its reason is thrown. */
export async function sourceRecord(
  model: OpenedModel,
  signal?: AbortSignal,
): Promise<SourceRecord> {
  const { checkpoint, spec } = model;
  const files: Record<string, string> = {};
  for (const file of [checkpoint.configFile, ...checkpoint.files]) {
    files[basename(file)] = await hashFile(file, signal);
  }
  const { hub } = model;
  const path = resolve(checkpoint.folder);
  return { path, ...(hub === undefined ? {} : { hub }), class: spec.className, sha256: files };
}

/** Settings as a record spells them: `learningRate` becomes `learning_rate`. */
export function recordedSettings(
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(settings).map(([key, value]): [string, unknown] => [
    key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
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
 * Reads parts of the `ligo.json` of an output folder that `ligo` wrote. Throws `cli/bad-record` where it is damaged.
 */
export async function readRecord<T>(
  folder: string,
  keys: readonly (keyof T & string)[],
): Promise<T> {
  const file = join(folder, RECORD_NAME);
  try {
    const record = JSON.parse(await readFile(file, "utf8")) as Readonly<Record<string, unknown>>;
    if (record["format"] !== "ligo.record") throw new SyntaxError("it is no ligo.record");
    return Object.fromEntries(
      keys.filter((key) => key in record).map((key) => [key, record[key]]),
    ) as T;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError("cli/bad-record", `${file} cannot be read: ${reason}.`, { file, cause });
  }
}
