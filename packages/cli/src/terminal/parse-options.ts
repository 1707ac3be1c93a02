import { InvalidArgumentError } from "commander";
import { parseShard, SHARD_SYNTAX, type Shard } from "@ligo/compare";

/** A parser of numbers for the command line. */
function numberParser(what: string, accepts: (value: number) => boolean): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (accepts(value)) return value;
    throw new InvalidArgumentError(`It must be ${what}.`);
  };
}

export const positiveInteger: (text: string) => number = numberParser(
  "a whole number from 1",
  (value) => Number.isSafeInteger(value) && value > 0,
);
export const wholeNumber: (text: string) => number = numberParser(
  "a whole number from 0",
  (value) => Number.isSafeInteger(value) && value >= 0,
);
export const positiveNumber: (text: string) => number = numberParser(
  "a number above 0",
  (value) => Number.isFinite(value) && value > 0,
);
export const nonNegativeNumber: (text: string) => number = numberParser(
  "a number from 0",
  (value) => Number.isFinite(value) && value >= 0,
);
export const share: (text: string) => number = numberParser(
  "a number from 0 to below 1",
  (value) => value >= 0 && value < 1,
);
export const heldOutAmount: (text: string) => number = numberParser(
  "a fraction below 1 or a whole number of blocks",
  (value) => value > 0 && (value < 1 || Number.isSafeInteger(value)),
);

const chance = numberParser(
  "config, or a number from 0 to below 1",
  (value) => value >= 0 && value < 1,
);
export const dropoutChance = (text: string): number | "config" =>
  text === "config" ? "config" : chance(text);

/** A parser of an option that may be repeated or have several values. */
const several =
  (one: (text: string) => number) =>
  (text: string, before: readonly number[] = []): readonly number[] => [...before, one(text)];
export const positiveNumbers: (text: string, before?: readonly number[]) => readonly number[] =
  several(positiveNumber);
export const wholeNumbers: (text: string, before?: readonly number[]) => readonly number[] =
  several(wholeNumber);

/** {@link parseShard} for the command line. */
export function shard(text: string): Shard {
  const found = parseShard(text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`It must be ${SHARD_SYNTAX}.`);
}

const ENGINES = ["auto", "onnx", "tensorflow", "tensorflow:cpu", "reference"];

/** Name of an engine; which providers `onnx:<provider>` may name, the installed onnxruntime says. */
export function engineName(text: string): string {
  if (ENGINES.includes(text) || /^onnx:[a-z]+$/u.test(text)) return text;
  throw new InvalidArgumentError(`It must be one of ${ENGINES.join(", ")}, or onnx:<provider>.`);
}
