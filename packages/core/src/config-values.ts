import { array, boolean, number, record, string, union } from "zod";
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

/** `id2label` of a `config.json`: the names of its labels by number. Names that are numbers there are read as text. */
export const labelNames: ZodType<Readonly<Record<string, string>> | null | undefined> = record(
  string(),
  union([string(), number(), boolean()]).transform(String),
).nullish();
