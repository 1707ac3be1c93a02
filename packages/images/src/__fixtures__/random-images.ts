import { createRandom } from "@ligo/core";
import type { ImageSet } from "../image-set.js";

/** Random images of one size in memory, the classes in turn. */
export function randomImages(
  count: number,
  { side = 8, classes = 3, seed = 1 }: { side?: number; classes?: number; seed?: number } = {},
): ImageSet {
  const random = createRandom(seed);
  const data = Array.from({ length: count }, () =>
    Uint8Array.from({ length: 3 * side * side }, () => random.integer(256)),
  );
  return {
    count,
    classes: Array.from({ length: classes }, (_, index) => `class ${index}`),
    labels: Int32Array.from({ length: count }, (_, index) => index % classes),
    nameOf: (index) => `image ${index}`,
    pixels: (index) =>
      Promise.resolve({ width: side, height: side, channels: 3, data: data[index] as Uint8Array }),
  };
}
