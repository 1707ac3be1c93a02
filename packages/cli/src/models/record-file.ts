import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { RawConfig } from "@ligo/core";
import { hashFile } from "@ligo/checkpoint";
import type { OpenedModel } from "./open-model.js";
import { readVersion } from "../version.js";

/** What every `ligo.json` says of the software that wrote it. */
export function softwareVersions(): Readonly<Record<string, string>> {
  return { ligo: readVersion(), node: process.versions.node };
}

/** Where a model came from: its folder, its class, and the SHA-256 of its config and weights. */
export async function sourceRecord(model: OpenedModel): Promise<Readonly<Record<string, unknown>>> {
  const { checkpoint, spec } = model;
  const files: Record<string, string> = {};
  for (const file of [checkpoint.configFile, ...checkpoint.files]) {
    files[basename(file)] = await hashFile(file);
  }
  return { path: resolve(checkpoint.folder), class: spec.className, sha256: files };
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

/** Writes `ligo.json` into an output folder. */
export async function writeRecord(
  folder: string,
  record: Readonly<Record<string, unknown>>,
): Promise<void> {
  await writeFile(join(folder, "ligo.json"), `${JSON.stringify(record, undefined, 2)}\n`);
}
