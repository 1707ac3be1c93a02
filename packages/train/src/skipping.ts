import type { Masks } from "@ligo/engine";
import type { Skipping } from "@ligo/nn";

/** Parts that a training step leaves out at random, which depends on the seed, the update and the place in the network. */
export interface SkippingOptions {
  /** A safe integer; that of dropout, where there is one, comes first. */
  readonly seed: number;
  /** Share of the tokens of every sequence that the layers between the first and the last do not see. Default 0. */
  readonly tokens?: number | undefined;
  /** Share of the sequences that skip the last layer; less of those before. Default 0. */
  readonly layers?: number | undefined;
}

/** Source of the random choices of a forward pass with such options. */
export function skippingOf(
  options: SkippingOptions | undefined,
  masks: Masks,
): Skipping | undefined {
  if (options === undefined) return undefined;
  const { layers, tokens } = options;
  return { layers, tokens, partition: (sizes) => masks.partition(sizes) };
}
