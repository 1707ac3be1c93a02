/** Rescaling of rotary embeddings for longer texts, as `rope_scaling` or `rope_parameters` of a Hugging Face config. */
export type RotaryScaling =
  | { readonly type: "default" }
  | { readonly type: "linear"; readonly factor: number }
  | {
      readonly type: "llama3";
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      /** Positions before the rescaling. */
      readonly originalPositions: number;
    }
  | {
      readonly type: "yarn";
      readonly factor: number;
      /** Turns within the original positions above which speeds stay (default 32), and below which they are divided (1). */
      readonly betaFast?: number;
      readonly betaSlow?: number;
      readonly originalPositions: number;
      /** Whether the borders of the two are rounded to whole pairs. Default true. */
      readonly truncate?: boolean;
    };

/** Options of {@link rotarySpeeds}. */
export interface RotaryOptions {
  /** Channels of a head that are turned; even. */
  readonly channels: number;
  /** `rope_theta`. */
  readonly base: number;
  /** Default none. */
  readonly scaling?: RotaryScaling;
}

/**
 * The angular speeds of the pairs of channels that rotary embeddings turn (Su et al., 2021), base^(-2i / channels) and rescaled
 * as transformers does: [channels / 2], in radians a position.
 */
export function rotarySpeeds({
  channels,
  base,
  scaling = { type: "default" },
}: RotaryOptions): readonly number[] {
  const speeds = Array.from(
    { length: channels / 2 },
    (_, pair) => base ** ((-2 * pair) / channels),
  );
  if (scaling.type === "linear") return speeds.map((speed) => speed / scaling.factor);
  if (scaling.type === "llama3") return speeds.map((speed) => llama3Speed(speed, scaling));
  if (scaling.type === "yarn") return yarnSpeeds(speeds, channels, base, scaling);
  return speeds;
}

/** Slow pairs are divided by the factor, fast ones stay, those in between are blended by their wavelength. */
function llama3Speed(
  speed: number,
  scaling: Extract<RotaryScaling, { readonly type: "llama3" }>,
): number {
  const { factor, highFrequencyFactor, lowFrequencyFactor, originalPositions } = scaling;
  const turns = (originalPositions * speed) / (2 * Math.PI);
  if (turns > highFrequencyFactor) return speed;
  if (turns < lowFrequencyFactor) return speed / factor;
  const share = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
  return (1 - share) * (speed / factor) + share * speed;
}

/** YaRN (Peng et al., 2023): a ramp over the pairs from speeds that stay to speeds that are divided by the factor. */
function yarnSpeeds(
  speeds: readonly number[],
  channels: number,
  base: number,
  scaling: Extract<RotaryScaling, { readonly type: "yarn" }>,
): readonly number[] {
  const { betaFast = 32, betaSlow = 1, factor, originalPositions, truncate = true } = scaling;
  const pairOf = (turns: number): number =>
    (channels * Math.log(originalPositions / (turns * 2 * Math.PI))) / (2 * Math.log(base));
  const [low, high] = [pairOf(betaFast), pairOf(betaSlow)];
  const first = Math.max(truncate ? Math.floor(low) : low, 0);
  const end = Math.min(truncate ? Math.ceil(high) : high, channels - 1);
  const last = end === first ? first + 0.001 : end;
  return speeds.map((speed, pair) => {
    const divided = Math.min(1, Math.max(0, (pair - first) / (last - first)));
    return (speed / factor) * divided + speed * (1 - divided);
  });
}
