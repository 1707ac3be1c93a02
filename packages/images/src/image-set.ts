import { createRandom } from "@ligo/core";
import { createBoundedCache } from "@ligo/core/stream";
import { ImageError } from "./image-error.js";
import { badOption } from "./options.js";
import type { Pixels } from "./pixels.js";

/** Images with a class each. */
export interface ImageSet {
  readonly count: number;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** [count] */
  readonly labels: Int32Array;
  /** Origin of an image: its file, and within it the record or row. */
  nameOf(index: number): string;
  /**
   * An image in colour, at its own size, decoded when first asked for.
   *
   * @throws ImageError `images/corrupt-image`, `images/unreadable`
   */
  pixels(index: number): Promise<Pixels>;
}

/** Options of {@link cachedImages}. */
export interface CacheOptions {
  /** Decoded images are kept in memory up to this many bytes; what does not fit is decoded anew every time. */
  readonly cacheBytes: number;
}

/** A set whose decoded images stay in memory as long as there is room. */
export function cachedImages(images: ImageSet, { cacheBytes }: CacheOptions): ImageSet {
  const kept = createBoundedCache<number, Pixels>({ limit: cacheBytes, eviction: "none" });
  return {
    ...images,
    async pixels(index) {
      const known = kept.get(index);
      if (known) return known;
      const pixels = await images.pixels(index);
      return kept.set(index, pixels, pixels.data.length);
    },
  };
}

/** The images with these numbers, in this order. */
function selectImages(images: ImageSet, chosen: readonly number[]): ImageSet {
  const at = (index: number): number => chosen[index] as number;
  return {
    count: chosen.length,
    classes: images.classes,
    labels: Int32Array.from(chosen, (index) => images.labels[index] as number),
    nameOf: (index) => images.nameOf(at(index)),
    pixels: (index) => images.pixels(at(index)),
  };
}

/** Options of {@link splitImages}. */
export interface SplitOptions {
  /** Images to hold out: a fraction if below 1, else their number. */
  readonly heldOut: number;
  readonly seed: number;
}

/** Images to learn from and images to judge by; no image is in both. */
export interface SplitImages {
  readonly train: ImageSet;
  readonly heldOut: ImageSet;
}

/**
 * Holds out images spread evenly over the classes: with the images in order of their class, cut into as many equal
 * stretches as images are held out, one image is drawn from each stretch. Both parts keep the order of the set.
 *
 * @throws ImageError `images/too-small` if nothing would remain to train on, `images/bad-option`.
 */
export function splitImages(images: ImageSet, { heldOut, seed }: SplitOptions): SplitImages {
  const { count, labels } = images;
  const wanted = heldOutCount(heldOut, count);
  const random = createRandom(seed).fork("held-out");
  const all = Array.from({ length: count }, (_, index) => index);
  // sorting is stable, so the order within a class is that of the set
  const byClass = all.toSorted((a, b) => (labels[a] as number) - (labels[b] as number));
  const drawn = new Set<number>();
  for (let stretch = 0; stretch < wanted; stretch++) {
    const start = Math.floor((stretch * count) / wanted);
    const end = Math.floor(((stretch + 1) * count) / wanted);
    drawn.add(byClass[start + random.integer(end - start)] as number);
  }
  return {
    train: selectImages(
      images,
      all.filter((index) => !drawn.has(index)),
    ),
    heldOut: selectImages(
      images,
      all.filter((index) => drawn.has(index)),
    ),
  };
}

function heldOutCount(heldOut: number, count: number): number {
  if (!(heldOut > 0) || (heldOut >= 1 && !Number.isSafeInteger(heldOut))) {
    throw badOption("heldOut", heldOut, "a fraction between 0 and 1 or a number of images");
  }
  const wanted = heldOut < 1 ? Math.max(1, Math.round(heldOut * count)) : heldOut;
  if (wanted < count) return wanted;
  throw new ImageError(
    "images/too-small",
    `There ${count === 1 ? "is 1 image" : `are ${count} images`}; holding out ${wanted} leaves none to train on. ` +
      "Give more images or hold out fewer.",
    { expected: `more than ${wanted} images`, actual: `${count} images` },
  );
}
