import { ConfigError } from "../../errors/config-error.js";

/** Rotary frequencies of a config, as transformers' `ROPE_INIT_FUNCTIONS` read them. */
export interface RotaryOptions {
  /** Channels of a head that turn; the others pass. Even. */
  readonly channels: number;
  /** Base of the frequencies, `rope_theta`. */
  readonly base: number;
  /** Default: frequencies as they are. */
  readonly scaling?: RotaryScaling | undefined;
}

/** Ways to stretch rotary frequencies over longer texts than a model was trained on. */
export type RotaryScaling =
  | { readonly type: "linear"; readonly factor: number }
  | {
      readonly type: "llama3";
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalPositions: number;
    }
  | {
      readonly type: "yarn";
      readonly factor: number;
      readonly originalPositions: number;
      /** Default 32. */
      readonly betaFast?: number | undefined;
      /** Default 1. */
      readonly betaSlow?: number | undefined;
      /** Factor of cosines and sines. Default 0.1 ln(factor) + 1. */
      readonly attentionFactor?: number | undefined;
      readonly mscale?: number | undefined;
      readonly mscaleAllDim?: number | undefined;
      /** Whether the range of interpolated channels is cut to whole ones. Default true. */
      readonly truncate?: boolean | undefined;
    };

/** Frequencies of a rotary embedding. */
export interface RotaryFrequencies {
  /** Radians a position, [channels / 2]. */
  readonly inverse: readonly number[];
  /** Factor of cosines and sines. */
  readonly factor: number;
}

/** Most channels of a head that turn; the widest heads have 512. */
const MOST_CHANNELS = 2 ** 16;

/**
 * Frequencies base^(-2 i / channels) (Su et al., 2021), stretched as `scaling` says. Throws `ConfigError` `config/too-large` for heads
 * that no model has.
 */
export function rotaryFrequencies({ channels, base, scaling }: RotaryOptions): RotaryFrequencies {
  if (channels > MOST_CHANNELS) {
    throw new ConfigError(
      "config/too-large",
      `The heads have ${channels} channels that turn, more than the ${MOST_CHANNELS} of any model. Correct the size of heads, ` +
        "or the width and the number of heads that it follows from.",
      { expected: `at most ${MOST_CHANNELS} channels`, actual: String(channels) },
    );
  }
  const plain = Array.from({ length: channels / 2 }, (_, i) =>
    Math.fround(1 / base ** ((2 * i) / channels)),
  );
  switch (scaling?.type) {
    case "linear":
      return { inverse: plain.map((f) => f / scaling.factor), factor: 1 };
    case "llama3":
      return { inverse: plain.map((f) => stretchByWavelength(f, scaling)), factor: 1 };
    case "yarn":
      return yarn(plain, { channels, base }, scaling);
    case undefined:
      return { inverse: plain, factor: 1 };
  }
}

/** Llama 3.1: long wavelengths are stretched, short ones kept, those between mixed. */
function stretchByWavelength(
  frequency: number,
  scaling: Extract<RotaryScaling, { type: "llama3" }>,
): number {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high } = scaling;
  const turns = (scaling.originalPositions * frequency) / (2 * Math.PI);
  if (turns < low) return frequency / factor;
  if (turns > high) return frequency;
  const smooth = (turns - low) / (high - low);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

/** YaRN (Peng et al., 2023): channels that turn often are kept, those that turn less than once are stretched. */
function yarn(
  plain: readonly number[],
  { channels, base }: { readonly channels: number; readonly base: number },
  scaling: Extract<RotaryScaling, { type: "yarn" }>,
): RotaryFrequencies {
  const { factor, betaFast = 32, betaSlow = 1, truncate = true } = scaling;
  /** The channel that turns so often within the original positions. */
  const channelOf = (turns: number): number =>
    (channels * Math.log(scaling.originalPositions / (turns * 2 * Math.PI))) / (2 * Math.log(base));
  const [from, to] = [channelOf(betaFast), channelOf(betaSlow)];
  const low = Math.max(truncate ? Math.floor(from) : from, 0);
  const high = Math.min(truncate ? Math.ceil(to) : to, channels - 1);
  const width = high === low ? 0.001 : high - low;
  const inverse = plain.map((frequency, i) => {
    const stretched = Math.min(1, Math.max(0, (i - low) / width));
    return (frequency / factor) * stretched + frequency * (1 - stretched);
  });
  const growth = (mscale: number): number =>
    factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
  const { mscale, mscaleAllDim } = scaling;
  const ratio = mscale && mscaleAllDim ? growth(mscale) / growth(mscaleAllDim) : growth(1);
  return { inverse, factor: scaling.attentionFactor ?? ratio };
}
