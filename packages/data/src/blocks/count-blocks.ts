import { checkInteger } from "../errors/check-integer.js";
import { DataError } from "../errors/data-error.js";

/** Blocks that `tokens` tokens give at `inner` a block. Throws `data/too-small` for fewer than `minimum`. */
export function countBlocks(
  tokens: number,
  inner: number,
  options: {
    readonly sequence: number;
    readonly limitTokens?: number;
    readonly minimumBlocks?: number;
  },
): number {
  const minimum = checkInteger("minimumBlocks", options.minimumBlocks ?? 1, 1);
  const count = Math.floor(tokens / inner);
  if (count >= minimum) return count;
  const needed = minimum * inner;
  throw new DataError(
    "data/too-small",
    `The text has ${tokens} tokens, but ${needed} are needed for ${minimum} block${minimum === 1 ? "" : "s"} of ` +
      `${options.sequence}; give more text${options.limitTokens === undefined ? "" : ", a higher token limit"} or a shorter sequence.`,
    { expected: `${needed} tokens`, actual: `${tokens} tokens` },
  );
}
