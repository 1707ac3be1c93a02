import type { TensorSpec, TensorSpecs } from "@ligo/engine";
import type { Augmentation, EvaluationImageBatches, ImageProcessor, ImageSet } from "@ligo/images";
import type { JudgedAmount } from "../data-amount.js";
import { loadModel } from "../models/load-model.js";
import type { ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";
import { pickFeeds } from "./feeds.js";
import { imagesFingerprint, joinFingerprints } from "./fingerprint.js";
import { classNames } from "./class-names.js";
import { judgedAmount } from "./judged-amount.js";
import { loadImagesPackage } from "./load-images-package.js";
import type { JudgedBatches, Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";
import { warnOfFiles } from "./warnings.js";

/** A task on images, and how its pixels were made. */
export interface ImageTask extends Task {
  readonly processor: ImageProcessor;
}

/** Classification of labelled images. */
export async function imageTask(
  objective: string,
  spec: ModelSpec,
  options: TaskOptions,
): Promise<ImageTask> {
  const images = await loadImagesPackage();
  const { batch, evalData, heldOut, seed } = options;
  const classes = classNames(spec);
  const size = await imageSize(spec);
  const { channels, height, width } = size;
  const found = await images.loadProcessor(options.processor ?? options.folder);
  const processor = found ?? images.createProcessor({ size: height, channels });
  checkProcessor(processor, size, spec);
  const all = await readImages(options.data, classes, options);
  const apart = evalData && (await readImages(evalData, classes, options));
  const { train, heldOut: judged } = apart
    ? { train: all, heldOut: apart }
    : heldOut === "all"
      ? { train: undefined, heldOut: all }
      : images.splitImages(all, { heldOut, seed });
  const rate = options.stochasticDepth ?? 0;
  const layers = Object.values(spec.layout.stacks).reduce((sum, stack) => sum + stack.layers, 0);
  const augment = options.augment ?? "plain";
  const augmentations: Readonly<Record<NonNullable<TaskOptions["augment"]>, Augmentation>> = {
    none: {},
    plain: images.plainAugmentation(height),
    deit: images.deitAugmentation(height),
  };
  const batches = images.imageBatches(train ?? all, {
    batch,
    seed,
    processor,
    augmentation: augmentations[augment],
    ...(rate > 0 ? { stochasticDepth: { layers, rate } } : {}),
  });
  const float = (...shape: readonly number[]): TensorSpec => ({ shape, dtype: "float32" });
  const pixels = { pixel_values: float(batch, channels, height, width) };
  const labels: TensorSpecs = { labels: { shape: [batch], dtype: "int32" } };
  const specs = {
    ...pixels,
    ...labels,
    label_distribution: float(batch, classes.length),
    ...(rate > 0 ? { stochastic_depth: float(layers, batch) } : {}),
  };
  const positions = spec.layout.spaces["position"]?.size ?? 1;
  return {
    objective,
    judgedBy: objective,
    specs,
    judgedSpecs: { ...pixels, ...labels },
    unit: "images",
    unitsPerBatch: batch,
    batchesPerEpoch: batches.stepsPerEpoch,
    cost: { tokens: batch * positions, sequence: positions, labelledFraction: 1 },
    training: { count: train?.count ?? 0, of: "images" },
    heldOut: { count: judged.count, of: "images" },
    judgedSize: { images: judged.count },
    batch: async (step) => pickFeeds(await batches.at(step), specs),
    judgedBatches(limit) {
      const limitImages = limit === undefined ? {} : { limitImages: limit };
      const fixed = images.evaluationImageBatches(judged, { batch, processor, ...limitImages });
      return judgedImages(fixed, judgedAmount({ count: judged.count, of: "images" }, limit));
    },
    settings: { augment, stochasticDepth: rate },
    fingerprint: async () => {
      const own = await imagesFingerprint(all);
      return apart === undefined ? own : joinFingerprints([own, await imagesFingerprint(apart)]);
    },
    files:
      found === undefined
        ? [
            {
              name: "preprocessor_config.json",
              contents: `${JSON.stringify(images.processorConfig(processor), undefined, 2)}\n`,
            },
          ]
        : [],
    processor,
  };
}

function judgedImages(fixed: EvaluationImageBatches, judged: JudgedAmount): JudgedBatches {
  return { count: fixed.count, judged, at: async (index) => ({ ...(await fixed.at(index)) }) };
}

async function readImages(
  paths: readonly string[],
  classes: readonly string[],
  options: TaskOptions,
): Promise<ImageSet> {
  const images = await loadImagesPackage();
  const { leftOut, ...found } = await images.readImages(paths, { classes });
  warnOfFiles(leftOut, options);
  return found;
}

interface ImageShape {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
}

/** What `pixel_values` of a model hold. Throws `sdk/no-pixels`. */
async function imageSize(spec: ModelSpec): Promise<ImageShape> {
  const { inputs } = await loadModel(spec);
  const [, channels, height, width] = inputs["pixel_values"]?.axes ?? [];
  if (
    (channels === 1 || channels === 3) &&
    typeof height === "number" &&
    typeof width === "number"
  ) {
    return { channels, height, width };
  }
  throw new UsageError(
    "sdk/no-pixels",
    `${spec.file}: ${spec.className} does not take images of one or three channels.`,
    { file: spec.file, expected: "pixel_values [batch, 1 or 3, height, width]" },
  );
}

function checkProcessor(
  { channels, size }: ImageProcessor,
  wanted: ImageShape,
  { file }: ModelSpec,
): void {
  const describe = (shape: ImageShape): string =>
    `[${shape.channels}, ${shape.height}, ${shape.width}]`;
  const [expected, actual] = [describe(wanted), describe({ channels, ...size })];
  if (actual === expected) return;
  throw new UsageError(
    "sdk/processor-mismatch",
    `${file}: the model takes images ${expected}, but the preprocessor_config.json used with it makes ${actual}. ` +
      "Name another with `processor`.",
    { file, expected, actual },
  );
}
