import type { Random } from "@ligo/core";
import type { Augmentation } from "./augmentation.js";
import type { ImageSize } from "./image-processor.js";
import type { Box } from "./pixels.js";

/** How a batch is mixed with itself in reverse order; `share` of each image and its label is its own. */
export type Mixing =
  | { readonly kind: "none"; readonly share: 1 }
  | { readonly kind: "mixup"; readonly share: number }
  | { readonly kind: "cutmix"; readonly share: number; readonly box: Box };

const NONE: Mixing = { kind: "none", share: 1 };

/** Draws whether and how a batch is mixed: one draw for all its images, as DeiT does. */
export function drawMixing(
  { cutmix = 0, mixing = 1, mixup = 0, switching = 0.5 }: Augmentation,
  { height, width }: ImageSize,
  random: Random,
): Mixing {
  if (mixup <= 0 && cutmix <= 0) return NONE;
  if (!(random.uniform() < mixing)) return NONE;
  const cuts = cutmix > 0 && (mixup <= 0 || random.uniform() < switching);
  if (!cuts) return { kind: "mixup", share: drawBeta(mixup, random) };
  const side = Math.sqrt(1 - drawBeta(cutmix, random));
  const [top, bottom] = stretch(height, side, random);
  const [left, right] = stretch(width, side, random);
  const box = { left, top, width: right - left, height: bottom - top };
  return { kind: "cutmix", share: 1 - (box.width * box.height) / (width * height), box };
}

/** A stretch of share `side` of an axis around a random middle, cut off at the ends. */
function stretch(size: number, side: number, random: Random): [number, number] {
  const length = Math.trunc(size * side);
  const middle = random.integer(size);
  const half = Math.floor(length / 2);
  return [Math.max(0, middle - half), Math.min(size, middle + half)];
}

/** Beta(alpha, alpha), as the share of one of two gamma variates. */
export function drawBeta(alpha: number, random: Random): number {
  const [one, other] = [drawGamma(alpha, random), drawGamma(alpha, random)];
  return one + other > 0 ? one / (one + other) : Number(random.uniform() < 0.5);
}

/** Gamma(shape, 1): Marsaglia and Tsang 2000, section 6; below shape 1 by their boost of shape + 1. */
function drawGamma(shape: number, random: Random): number {
  if (shape < 1) return drawGamma(shape + 1, random) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Mixes images [batch, channels, height, width] in place. */
export function mixImages(
  images: Float32Array,
  batch: number,
  { height, width }: ImageSize,
  mixing: Mixing,
): void {
  if (mixing.kind === "none") return;
  const size = images.length / batch;
  for (let row = 0; row < Math.floor(batch / 2); row++) {
    const one = images.subarray(row * size, (row + 1) * size);
    const other = images.subarray((batch - 1 - row) * size, (batch - row) * size);
    if (mixing.kind === "mixup") blend(one, other, mixing.share);
    else swapBox(one, other, { height, width }, mixing.box);
  }
}

function blend(one: Float32Array, other: Float32Array, share: number): void {
  for (let index = 0; index < one.length; index++) {
    const [a, b] = [one[index] as number, other[index] as number];
    one[index] = share * a + (1 - share) * b;
    other[index] = share * b + (1 - share) * a;
  }
}

function swapBox(
  one: Float32Array,
  other: Float32Array,
  { height, width }: ImageSize,
  box: Box,
): void {
  const channels = one.length / (height * width);
  for (let c = 0; c < channels; c++) {
    for (let y = box.top; y < box.top + box.height; y++) {
      const start = (c * height + y) * width + box.left;
      const kept = one.slice(start, start + box.width);
      one.set(other.subarray(start, start + box.width), start);
      other.set(kept, start);
    }
  }
}

/**
 * Target distributions [batch, classes]: `smoothing` spread over all classes, the rest on the label, and that mixed with
 * the batch in reverse order.
 */
export function labelDistribution(
  labels: Int32Array,
  classes: number,
  smoothing: number,
  share: number,
): Float32Array {
  const distribution = new Float32Array(labels.length * classes).fill(smoothing / classes);
  const add = (row: number, label: number, amount: number): void => {
    const at = row * classes + label;
    distribution[at] = (distribution[at] as number) + amount;
  };
  for (const [row, label] of labels.entries()) {
    add(row, label, (1 - smoothing) * share);
    if (share < 1)
      add(row, labels[labels.length - 1 - row] as number, (1 - smoothing) * (1 - share));
  }
  return distribution;
}
