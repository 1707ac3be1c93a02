import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type * as z from "@ligo/core/zod";
import { parseJson, renderJson, writeFileAtomically } from "@ligo/checkpoint";
import { RunError } from "./run-error.js";

/** A JSON object that carries the SHA-256 of the rest of itself as its last key. */
export type Sealed<T> = T & { readonly sha256: string };

/** What a sealed file must call itself, and what to say where it does not. */
export interface SealedKind {
  /** Value of `format`. */
  readonly format: string;
  readonly formatVersion: number;
  /** Code of the {@link RunError} for a file that is something else, or damaged. */
  readonly code: string;
  /** What to do about it. */
  readonly advice: string;
  /** What it must hold. A seal says only that whoever wrote the file last knew how to seal it. */
  readonly shape?: z.ZodType;
}

const digest = (body: object): string =>
  createHash("sha256").update(JSON.stringify(body)).digest("hex");

/** Writes a JSON object all or nothing, so that any later change of it is noticed; returns its seal. */
export async function writeSealed<T extends object>(
  file: string,
  { format, formatVersion }: SealedKind,
  contents: T,
): Promise<Sealed<T>> {
  const body = { format, format_version: formatVersion, ...contents };
  // as it will be read: without what JSON does not know
  const sha256 = digest(JSON.parse(JSON.stringify(body)) as object);
  // numbers of configs keep their spelling
  await writeFileAtomically(file, renderJson({ ...body, sha256 }));
  return { ...(JSON.parse(JSON.stringify(body)) as T), sha256 };
}

/** Reads what {@link writeSealed} wrote. Throws {@link RunError}, also where the file was changed since. */
export async function readSealed<T extends object>(
  file: string,
  kind: SealedKind,
): Promise<Sealed<T>> {
  const refuse = (problem: string, details: object = {}): RunError =>
    new RunError(kind.code, `${file} ${problem}. ${kind.advice}`, { file, ...details });
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw refuse("cannot be read", { cause });
  }
  let value: unknown;
  try {
    value = parseJson(bytes, { spelling: true });
  } catch (cause) {
    throw refuse("cannot be read as JSON: it is cut off or damaged", { cause });
  }
  const found = (typeof value === "object" && value !== null ? value : {}) as Sealed<
    Record<string, unknown>
  >;
  const { sha256, ...body } = found;
  if (body["format"] !== kind.format) {
    const actual = JSON.stringify(body["format"]);
    throw refuse(`is no ${kind.format}`, { expected: kind.format, actual });
  }
  if (body["format_version"] !== kind.formatVersion) {
    const actual = JSON.stringify(body["format_version"]);
    const expected = String(kind.formatVersion);
    throw refuse(`has the format version ${actual}; this ligo reads ${expected}`, {
      expected,
      actual,
    });
  }
  if (sha256 !== digest(body)) {
    throw refuse("was changed after it was written", { expected: sha256, actual: digest(body) });
  }
  const shaped = kind.shape?.safeParse(found);
  if (shaped?.success === false) {
    const [issue] = shaped.error.issues;
    const key = issue?.path.join(".") ?? "";
    throw refuse(`holds something else than it must at ${JSON.stringify(key)}`, {
      expected: issue?.message,
      actual: key,
    });
  }
  return value as Sealed<T>;
}
