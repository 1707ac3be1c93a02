import { parameterCount, type RawConfig } from "@ligo/core";
import { findSizes } from "@ligo/core/cost";
import type { ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";

const WORDS = /^(\d+(?:\.\d+)?)x(?:-(wide|deep))?$/u;
const ALMOST_WORDS = /^\d[\d.]*x(?:-\w*)?$/u;

/** Whether a target is told by a word: `2x`, `2x-wide`, `1.5x-deep`. A folder of such a name is `./2x`. */
export const isSizeWord = (to: unknown): to is string => typeof to === "string" && WORDS.test(to);

/** Refuses what looks like a word and is none. Throws {@link UsageError} `sdk/target-word`. */
export function checkWord(to: unknown): void {
  if (typeof to !== "string" || WORDS.test(to) || !ALMOST_WORDS.test(to)) return;
  throw new UsageError(
    "sdk/target-word",
    `\`to\` is ${to}. Words for sizes are 2x, 2x-wide and 2x-deep, with any factor; write a path as ./${to}.`,
    { expected: "2x, 2x-wide or 2x-deep", actual: to },
  );
}

/** Whether a word tells the shape alone, so that a number of parameters may go with it: `2x-wide`, `1.5x-deep`. */
export const isShapeWord = (to: unknown): boolean => isSizeWord(to) && !to.endsWith("x");

/** What says how large a target is, beside or in place of a config. */
export interface SizeWords {
  readonly word?: string | undefined;
  readonly parameters?: number | undefined;
  /** Number of layers that a list has. */
  readonly layers?: number | undefined;
}

/**
 * The keys of a config that a word, or a number of parameters, stands for. `2x` is twice the parameters; `2x-wide` and `2x-deep`
 * are twice the width or the depth. Throws what `findSizes` throws.
 */
export function wordSizes(source: ModelSpec, { layers, parameters, word }: SizeWords): RawConfig {
  const [, text, shape] = WORDS.exec(word ?? "") ?? [];
  const factor = text === undefined ? undefined : Number(text);
  const doubles = factor !== undefined && shape === undefined;
  return findSizes(source, {
    wide: shape === "wide" ? factor : undefined,
    deep: shape === "deep" ? factor : undefined,
    // a list of another number is refused where both are known
    layers: shape === "deep" ? undefined : layers,
    parameters: doubles ? Math.round(factor * parameterCount(source.layout)) : parameters,
  });
}
