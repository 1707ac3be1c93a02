import { array, number, record, string } from "zod";
import type { ZodArray, ZodNullable, ZodNumber, ZodOptional, ZodRecord, ZodString } from "zod";

/** A size: 1, 2, ... */
export const size: ZodNumber = number().int().positive();

/** A dropout rate: 0 or more, less than 1. */
export const dropoutRate: ZodNumber = number().min(0).lt(1);

/** `architectures` of a `config.json`: the names of its classes. */
export const classNames: ZodOptional<ZodNullable<ZodArray<ZodString>>> = array(string()).nullish();

/** `id2label` of a `config.json`: the names of its labels by number. */
export const labelNames: ZodOptional<ZodRecord<ZodString, ZodString>> = record(
  string(),
  string(),
).optional();
