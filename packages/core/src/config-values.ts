import { array, boolean, custom, number, preprocess, record, string, union } from "zod";
import type { ZodArray, ZodNullable, ZodNumber, ZodOptional, ZodString, ZodType } from "zod";

/** Sizes beyond this are damage: no tensor is as long. */
const LARGEST_SIZE = 2 ** 31 - 1;

/** A size: 1, 2, ... */
export const size: ZodNumber = number().int().positive().max(LARGEST_SIZE);

/** A dropout rate: 0 or more, less than 1. */
export const dropoutRate: ZodNumber = number().min(0).lt(1);

/** `tie_word_embeddings` of a `config.json`, which transformers takes for false where it is null. Default true. */
export const ties: ZodType<boolean> = boolean()
  .nullable()
  .transform((value) => value === true)
  .default(true);

/** `architectures` of a `config.json`: the names of its classes. */
export const classNames: ZodOptional<ZodNullable<ZodArray<ZodString>>> = array(string()).nullish();

/**
 * An object of any keys, handed on as it is, so that its numbers keep their spelling. zod's own `record` copies it, and refuses
 * the symbol that spelling is kept under.
 */
export const keyed: ZodType<Readonly<Record<string, unknown>>> =
  custom<Readonly<Record<string, unknown>>>(isKeyed);

function isKeyed(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `id2label` of a `config.json`: the names of its labels by number. Names that are numbers there are read as text. */
export const labelNames: ZodType<Readonly<Record<string, string>> | null | undefined> = preprocess(
  (value) => (isKeyed(value) ? Object.fromEntries(Object.entries(value)) : value),
  record(string(), union([string(), number(), boolean()]).transform(String)),
).nullish();
