import type { Random } from "@ligo/core";
import { fitPixels, type ImageProcessor, type ImageSize } from "./image-processor.js";
import { checkNumber } from "./options.js";
import { cropPixels, flipPixels, greyPixels, type Box, type Pixels } from "./pixels.js";
import { resizePixels } from "./resample.js";

/** How a training image is cut out. */
export type Crop =
  /** As for evaluation. */
  | { readonly kind: "centre" }
  /** As for evaluation, then moved by up to `padding` pixels each way over a black border. */
  | { readonly kind: "padded"; readonly padding: number }
  /** A part of the image of random area (share of the whole) and aspect, resized: Inception's random resized crop. */
  | {
      readonly kind: "resized";
      readonly scale: readonly [least: number, most: number];
      readonly ratio: readonly [least: number, most: number];
    };

/** Random changes of training images. Everything absent is off. */
export interface Augmentation {
  readonly crop?: Crop;
  /** Chance of mirroring. */
  readonly flip?: number;
  /** Chance that a rectangle becomes noise (Zhong et al. 2020), after normalisation. */
  readonly erasing?: number;
  /** Mixup (Zhang et al. 2018): images are blended by a share drawn from Beta(mixup, mixup). */
  readonly mixup?: number;
  /** CutMix (Yun et al. 2019): a rectangle comes from another image; its area is drawn from Beta(cutmix, cutmix). */
  readonly cutmix?: number;
  /** Chance that a batch is mixed at all, where `mixup` or `cutmix` is set. Default 1. */
  readonly mixing?: number;
  /** Chance of CutMix rather than mixup in a batch that is mixed, where both are set. Default 0.5. */
  readonly switching?: number;
  /** Share of the label's probability that is spread over all classes. */
  readonly smoothing?: number;
}

const SMALL = 32;

/** A crop for training images of this size: padded up to 32 pixels, resized above, as DeiT's code does. */
const trainingCrop = (size: number): Crop =>
  size <= SMALL
    ? { kind: "padded", padding: 4 }
    : { kind: "resized", scale: [0.08, 1], ratio: [3 / 4, 4 / 3] };

/** Crop and mirroring alone, for models that grow or train on few steps. */
export function plainAugmentation(size: number): Augmentation {
  return { crop: trainingCrop(size), flip: 0.5 };
}

/** Augmentation that DeiT trains with (Touvron et al. 2021, table 9), but for RandAugment and repeated augmentation. */
export function deitAugmentation(size: number): Augmentation {
  return {
    ...plainAugmentation(size),
    erasing: 0.25,
    mixup: 0.8,
    cutmix: 1,
    mixing: 1,
    switching: 0.5,
    smoothing: 0.1,
  };
}

/** Throws `images/bad-option` where a number of an augmentation is out of its range. */
export function checkAugmentation(augmentation: Augmentation): void {
  const { crop } = augmentation;
  for (const name of ["flip", "erasing", "mixing", "switching", "smoothing"] as const) {
    checkNumber(name, augmentation[name] ?? 0, 0, 1);
  }
  for (const name of ["mixup", "cutmix"] as const) {
    checkNumber(name, augmentation[name] ?? 0, 0, Number.MAX_VALUE);
  }
  if (crop?.kind === "padded") checkNumber("padding", crop.padding, 0, 2 ** 16);
  if (crop?.kind === "resized") {
    checkNumber("scale", crop.scale[0], Number.MIN_VALUE, crop.scale[1]);
    checkNumber("scale", crop.scale[1], crop.scale[0], 1);
    checkNumber("ratio", crop.ratio[0], Number.MIN_VALUE, crop.ratio[1]);
  }
}

/** One image cut out and mirrored at random; the processor says to which size and how it is resized. */
export function augmentPixels(
  image: Pixels,
  processor: ImageProcessor,
  { crop, flip = 0 }: Augmentation,
  random: Random,
): Pixels {
  const cut = cutPixels(image, processor, crop ?? { kind: "centre" }, random.fork("crop"));
  return flip > 0 && random.fork("flip").uniform() < flip ? flipPixels(cut) : cut;
}

function cutPixels(image: Pixels, processor: ImageProcessor, crop: Crop, random: Random): Pixels {
  const { channels, resampling, size } = processor;
  if (crop.kind === "resized") {
    const coloured = channels === 1 ? greyPixels(image) : image;
    return resizePixels(coloured, size, resampling, resizedCropBox(image, crop, random));
  }
  const fitted = fitPixels(image, processor);
  if (crop.kind === "centre") return fitted;
  const offset = (): number => random.integer(2 * crop.padding + 1) - crop.padding;
  return cropPixels(fitted, { left: offset(), top: offset(), ...size });
}

/** Tries at an area and an aspect that fit into the image, as torchvision does, before the middle is taken. */
const TRIES = 10;

/** The box of a random resized crop: its area a random share of the image, its aspect log-uniform. */
export function resizedCropBox(
  { height, width }: ImageSize,
  { scale, ratio }: Extract<Crop, { kind: "resized" }>,
  random: Random,
): Box {
  const [least, most] = ratio.map(Math.log) as [number, number];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = height * width * between(random, scale[0], scale[1]);
    const aspect = Math.exp(between(random, least, most));
    const [w, h] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (w >= 1 && h >= 1 && w <= width && h <= height) {
      return {
        left: random.integer(width - w + 1),
        top: random.integer(height - h + 1),
        width: w,
        height: h,
      };
    }
  }
  const aspect = width / height;
  const w = aspect > ratio[1] ? Math.max(1, Math.round(height * ratio[1])) : width;
  const h = aspect < ratio[0] ? Math.max(1, Math.round(width / ratio[0])) : height;
  return {
    left: Math.floor((width - w) / 2),
    top: Math.floor((height - h) / 2),
    width: w,
    height: h,
  };
}

const between = (random: Random, least: number, most: number): number =>
  least + (most - least) * random.uniform();

const ERASED_AREA = [0.02, 1 / 3] as const;
const ERASED_RATIO = [0.3, 1 / 0.3] as const;

/** Random erasing: with the given chance, a rectangle of 2 to 33 % of the area becomes standard normal noise. */
export function erasePixels(
  values: Float32Array,
  channels: number,
  { height, width }: ImageSize,
  chance: number,
  random: Random,
): void {
  if (!(random.uniform() < chance)) return;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = height * width * between(random, ...ERASED_AREA);
    const aspect = Math.exp(between(random, Math.log(ERASED_RATIO[0]), Math.log(ERASED_RATIO[1])));
    const [h, w] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (h < 1 || w < 1 || h >= height || w >= width) continue;
    const top = random.integer(height - h + 1);
    const left = random.integer(width - w + 1);
    for (let c = 0; c < channels; c++) {
      for (let y = top; y < top + h; y++) {
        const row = (c * height + y) * width;
        for (let x = left; x < left + w; x++) values[row + x] = random.normal();
      }
    }
    return;
  }
}
