import type { ImageProcessor } from "@ligo/images";

/** What of an image processor says how bytes become numbers. */
export type Normalisation = Pick<ImageProcessor, "mean" | "deviation" | "rescale">;

/**
 * Brings pixels [batch, channels, height, width] that were normalised in one way to another: an affine map of each
 * channel.
 *
 * @param plane height times width
 */
export function pixelAdapter(
  from: Normalisation,
  to: Normalisation,
  plane: number,
): (pixels: Float32Array) => Float32Array {
  const rescale = to.rescale / from.rescale;
  const maps = from.mean.map((mean, channel) => {
    const [deviation, other] = [from.deviation[channel] ?? 1, to.deviation[channel] ?? 1];
    return {
      factor: (deviation * rescale) / other,
      offset: (mean * rescale - (to.mean[channel] ?? 0)) / other,
    };
  });
  if (maps.every(({ factor, offset }) => factor === 1 && offset === 0)) return (pixels) => pixels;
  const factors = maps.map(({ factor }) => factor);
  const offsets = maps.map(({ offset }) => offset);
  return (pixels) =>
    pixels.map((value, index) => {
      const channel = Math.floor(index / plane) % maps.length;
      return (factors[channel] ?? 1) * value + (offsets[channel] ?? 0);
    });
}
