import {
  array,
  boolean,
  enum as oneOf,
  number,
  preprocess,
  record,
  string,
  symbol,
  union,
  unknown,
} from "zod";
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

/** An object of any keys. How its numbers were spelled goes along, which stands under a symbol. */
export const keys: ZodType<Readonly<Record<string, unknown>>> = record(
  union([string(), symbol()]),
  unknown(),
);

/** An object whose values are all of one kind, by name. How its numbers were spelled is left behind. */
export function named<T>(value: ZodType<T>): ZodType<Readonly<Record<string, T>>> {
  const withoutSymbols = (given: unknown): unknown =>
    typeof given === "object" && given !== null && !Array.isArray(given)
      ? Object.fromEntries(Object.entries(given))
      : given;
  return preprocess(withoutSymbols, record(string(), value));
}

/** `id2label` of a `config.json`: the names of its labels by number. Names that are numbers there are read as text. */
export const labelNames: ZodType<Readonly<Record<string, string>> | null | undefined> = named(
  union([string(), number(), boolean()]).transform(String),
).nullish();

/** `layer_types` of a `config.json`: which layers attend to all positions, which to those of a window. */
export const layerTypes: ZodType<
  readonly ("full_attention" | "sliding_attention")[] | null | undefined
> = array(oneOf(["full_attention", "sliding_attention"])).nullish();
