import { createRandom } from "@ligo/core";
import { createBoundedCache } from "@ligo/core/stream";
import {
  augmentPixels,
  checkAugmentation,
  erasePixels,
  type Augmentation,
} from "./augmentation.js";
import { ImageError } from "./image-error.js";
import { byteTables, fitPixels, writePixels, type ImageProcessor } from "./image-processor.js";
import type { ImageSet } from "./image-set.js";
import { drawMixing, labelDistribution, mixImages } from "./mixing.js";
import { badOption, checkInteger } from "./options.js";
import type { Pixels } from "./pixels.js";
import {
  checkStochasticDepth,
  drawStochasticDepth,
  type StochasticDepth,
} from "./stochastic-depth.js";

/** One batch of labelled images; B = batch, C, H, W as the processor says. */
export interface EvaluationImageBatch {
  /** [B * C * H * W] */
  readonly pixel_values: Float32Array;
  /** Class of each image [B]; -100, which does not count, where a last batch is filled up. */
  readonly labels: Int32Array;
}

/** One batch to train on. */
export interface ImageBatch extends EvaluationImageBatch {
  /** Target distribution of each image [B * classes]: its label, smoothed and mixed as its pixels are. */
  readonly label_distribution: Float32Array;
  /** Factors on what each layer adds per image [layers * B]; there where asked for. */
  readonly stochastic_depth?: Float32Array;
}

/** Options common to training and evaluation batches. */
export interface EvaluationImageOptions {
  /** Images of a batch. */
  readonly batch: number;
  readonly processor: ImageProcessor;
}

/** Options of {@link imageBatches}. */
export interface ImageBatchOptions extends EvaluationImageOptions {
  readonly seed: number;
  /** Default none: images as for evaluation, labels one-hot. */
  readonly augmentation?: Augmentation;
  readonly stochasticDepth?: StochasticDepth;
}

/** An endless stream of batches, any of which can be had at once. */
export interface ImageBatches {
  /** Steps until every image has been seen: ceil(images / batch). */
  readonly stepsPerEpoch: number;
  /** Batch of `step` (0, 1, ...); depends on nothing but the images, the options and `step`. */
  at(step: number): Promise<ImageBatch>;
}

/** A fixed list of batches, made when they are asked for. */
export interface EvaluationImageBatches {
  readonly count: number;
  at(index: number): Promise<EvaluationImageBatch>;
}

const IGNORED_LABEL = -100;
/** Orders kept; a batch seldom touches more than two epochs. */
const KEPT_ORDERS = 2;

/**
 * Training batches. Each epoch shows every image once, in an order drawn for that epoch; epochs follow each other without
 * a gap, so a batch may hold the end of one and the start of the next. What happens to an image depends on the seed, the
 * epoch and its number in the set; how a batch is mixed, on the seed and the step.
 *
 * @throws ImageError `images/too-small` if there is no image, `images/bad-option`; `at` throws what decoding throws.
 */
export function imageBatches(images: ImageSet, options: ImageBatchOptions): ImageBatches {
  checkNotEmpty(images);
  const { augmentation = {}, processor, seed, stochasticDepth } = options;
  const batch = checkInteger("batch", options.batch, 1);
  const { channels, size } = processor;
  checkAugmentation(augmentation);
  if (stochasticDepth) checkStochasticDepth(stochasticDepth);
  const { cutmix = 0, erasing = 0, mixup = 0, smoothing = 0 } = augmentation;
  if (batch % 2 === 1 && batch > 1 && (cutmix > 0 || mixup > 0)) {
    throw badOption("batch", batch, "an even number, as mixing pairs images");
  }
  const tables = byteTables(processor);
  const orderOf = epochOrders(images.count, seed);
  const length = channels * size.height * size.width;
  return {
    stepsPerEpoch: Math.ceil(images.count / batch),
    async at(step) {
      checkInteger("step", step, 0);
      const places = Array.from({ length: batch }, (_, row) => {
        const place = step * batch + row;
        const epoch = Math.floor(place / images.count);
        return { epoch, index: orderOf(epoch)[place % images.count] as number };
      });
      const decoded = await Promise.all(places.map(({ index }) => images.pixels(index)));
      const pixel_values = new Float32Array(batch * length);
      for (const [row, { epoch, index }] of places.entries()) {
        const random = createRandom(seed).fork(`image/${epoch}/${index}`);
        const pixels = augmentPixels(decoded[row] as Pixels, processor, augmentation, random);
        writePixels(pixels, tables, pixel_values, row * length);
        if (erasing > 0) {
          const values = pixel_values.subarray(row * length, (row + 1) * length);
          erasePixels(values, channels, size, erasing, random.fork("erasing"));
        }
      }
      const ofStep = createRandom(seed).fork(`step/${step}`);
      const mixing = drawMixing(augmentation, size, ofStep.fork("mixing"));
      mixImages(pixel_values, batch, size, mixing);
      const labels = Int32Array.from(places, ({ index }) => images.labels[index] as number);
      return {
        pixel_values,
        labels,
        label_distribution: labelDistribution(
          labels,
          images.classes.length,
          smoothing,
          mixing.share,
        ),
        ...(stochasticDepth
          ? { stochastic_depth: drawStochasticDepth(stochasticDepth, batch, ofStep.fork("depth")) }
          : {}),
      };
    },
  };
}

/** Options of {@link evaluationImageBatches}. */
export interface EvaluationImageBatchOptions extends EvaluationImageOptions {
  /** Use at most this many images, spread evenly over all. */
  readonly limitImages?: number;
}

/**
 * Batches to judge a model by: every image once, in order, without augmentation. A last batch that is not full is filled
 * up by repeating images with the label -100, which do not count.
 *
 * @throws ImageError as {@link imageBatches} does
 */
export function evaluationImageBatches(
  images: ImageSet,
  options: EvaluationImageBatchOptions,
): EvaluationImageBatches {
  checkNotEmpty(images);
  const { processor } = options;
  const batch = checkInteger("batch", options.batch, 1);
  const limit = checkInteger("limitImages", options.limitImages ?? images.count, 1);
  const used = Math.min(limit, images.count);
  const tables = byteTables(processor);
  const length = processor.channels * processor.size.height * processor.size.width;
  const count = Math.ceil(used / batch);
  return {
    count,
    async at(index) {
      if (checkInteger("index", index, 0) >= count)
        throw badOption("index", index, `less than ${count}`);
      const places = Array.from({ length: batch }, (_, row) => index * batch + row);
      const chosen = places.map((place) => Math.floor(((place % used) * images.count) / used));
      const pixel_values = new Float32Array(batch * length);
      const decoded = await Promise.all(chosen.map((one) => images.pixels(one)));
      for (const [row, image] of decoded.entries()) {
        writePixels(fitPixels(image, processor), tables, pixel_values, row * length);
      }
      const labels = Int32Array.from(places, (place, row) =>
        place < used ? (images.labels[chosen[row] as number] as number) : IGNORED_LABEL,
      );
      return { pixel_values, labels };
    },
  };
}

/** The order of an epoch, 0..count-1 shuffled by Fisher and Yates. */
function epochOrders(count: number, seed: number): (epoch: number) => Int32Array {
  const orders = createBoundedCache<number, Int32Array>({
    limit: KEPT_ORDERS,
    eviction: "least-recent",
  });
  const drawn = (epoch: number): Int32Array => {
    const random = createRandom(seed).fork(`order/${epoch}`);
    const order = Int32Array.from({ length: count }, (_, index) => index);
    for (let place = count - 1; place > 0; place--) {
      const other = random.integer(place + 1);
      [order[place], order[other]] = [order[other] as number, order[place] as number];
    }
    return order;
  };
  return (epoch) => orders.get(epoch) ?? orders.set(epoch, drawn(epoch));
}

function checkNotEmpty(images: ImageSet): void {
  if (images.count > 0) return;
  throw new ImageError(
    "images/too-small",
    "There is no image to make batches of; give more images.",
    {
      expected: "at least 1 image",
      actual: "0 images",
    },
  );
}
