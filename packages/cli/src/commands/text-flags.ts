import type { TextTaskOptions } from "@ligo/sdk";

/** Flags of what is read as text. */
export interface TextFlags {
  readonly textColumn?: string;
  readonly labelColumn?: string;
  readonly skipBadRows?: boolean;
  readonly stride?: number;
  readonly dataWeights?: readonly number[];
  readonly cache?: string | false;
}

/** The options that these flags stand for. */
export function textOptions(flags: TextFlags): TextTaskOptions {
  const { cache, dataWeights, labelColumn, skipBadRows, stride, textColumn } = flags;
  return { cache, dataWeights, labelColumn, skipBadRows, stride, textColumn };
}
