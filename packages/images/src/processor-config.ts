import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "@ligo/core/json";
import * as z from "@ligo/core/zod";
import { ImageError } from "./image-error.js";
import type { ImageProcessor, ImageSize } from "./image-processor.js";
import { RESAMPLINGS } from "./resample.js";

const FILE_NAME = "preprocessor_config.json";
const HALVES = [0.5, 0.5, 0.5];

const pixels = z.number().int().positive();
const rectangle = z.object({ height: pixels, width: pixels });
const square = pixels.transform((side) => ({ height: side, width: side }));
const perChannel = z.union([z.array(z.number()).min(1), z.number().transform((value) => [value])]);

const schema = z.looseObject({
  image_processor_type: z.string().optional(),
  feature_extractor_type: z.string().optional(),
  do_resize: z.boolean().nullish(),
  size: z
    .union([
      rectangle,
      square,
      z
        .object({ shortest_edge: pixels })
        .transform((size) => ({ shortestEdge: size.shortest_edge })),
    ])
    .nullish(),
  resample: z.number().int().min(0).max(5).nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_size: z.union([rectangle, square]).nullish(),
  do_rescale: z.boolean().nullish(),
  rescale_factor: z.number().positive().nullish(),
  do_normalize: z.boolean().nullish(),
  image_mean: perChannel.nullish(),
  image_std: perChannel.nullish(),
});

/**
 * The image processor of a `preprocessor_config.json`, with Hugging Face's defaults of ViT and DeiT for keys it lacks.
 *
 * @param file where it is from, for messages
 * @throws ImageError `images/bad-processor`
 */
export function parseProcessor(raw: unknown, file: string = FILE_NAME): ImageProcessor {
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw badProcessor(file, z.prettifyError(parsed.error));
  const given = parsed.data;
  const isDeit =
    (given.image_processor_type ?? given.feature_extractor_type)?.startsWith("DeiT") ?? false;
  const side = (length: number): ImageSize => ({ height: length, width: length });
  const resize = given.do_resize === false ? undefined : (given.size ?? side(isDeit ? 256 : 224));
  const crop = (given.do_center_crop ?? isDeit) ? (given.crop_size ?? side(224)) : undefined;
  const size = crop ?? resize;
  if (size === undefined || "shortestEdge" in size) {
    throw badProcessor(
      file,
      "images would not all have one size; it needs size with height and width, or crop_size",
    );
  }
  const normalizes = given.do_normalize !== false;
  const mean = normalizes ? (given.image_mean ?? HALVES) : [0, 0, 0];
  const deviation = normalizes ? (given.image_std ?? HALVES) : [1, 1, 1];
  const channels = mean.length;
  if (
    (channels !== 1 && channels !== 3) ||
    deviation.length !== channels ||
    deviation.includes(0)
  ) {
    throw badProcessor(
      file,
      `image_mean has ${channels} and image_std ${deviation.length} numbers; expected 3 each, or 1, and no deviation of 0`,
    );
  }
  return {
    resize,
    resampling: RESAMPLINGS[given.resample ?? (isDeit ? 3 : 2)] ?? "bilinear",
    crop,
    size,
    channels,
    rescale: given.do_rescale === false ? 1 : (given.rescale_factor ?? 1 / 255),
    mean,
    deviation,
  };
}

/**
 * Reads the image processor from a folder that holds `preprocessor_config.json`, or from that file itself; `undefined` if
 * there is none.
 *
 * @throws ImageError `images/bad-processor`
 */
export async function loadProcessor(pathOrFolder: string): Promise<ImageProcessor | undefined> {
  const there = await stat(pathOrFolder).catch(() => undefined);
  const file = there?.isFile() ? pathOrFolder : join(pathOrFolder, FILE_NAME);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw badProcessor(file, String(cause));
  }
  let raw: unknown;
  try {
    raw = parseJson(text);
  } catch (cause) {
    throw badProcessor(file, `it is not JSON: ${String(cause)}`);
  }
  return parseProcessor(raw, file);
}

/** The `preprocessor_config.json` that gives this processor back, for ViT's image processor of Hugging Face. */
export function processorConfig(processor: ImageProcessor): Readonly<Record<string, unknown>> {
  const { crop, deviation, mean, resampling, rescale, resize } = processor;
  return {
    image_processor_type: crop ? "DeiTImageProcessor" : "ViTImageProcessor",
    do_resize: resize !== undefined,
    ...(resize === undefined
      ? {}
      : { size: "shortestEdge" in resize ? { shortest_edge: resize.shortestEdge } : resize }),
    resample: RESAMPLINGS.indexOf(resampling),
    ...(crop ? { do_center_crop: true, crop_size: crop } : {}),
    do_rescale: true,
    rescale_factor: rescale,
    do_normalize: true,
    image_mean: mean,
    image_std: deviation,
  };
}

function badProcessor(file: string, reason: string): ImageError {
  return new ImageError(
    "images/bad-processor",
    `${file} is not a usable image processor: ${reason}.`,
    {
      file,
      expected: "a preprocessor_config.json of ViT or DeiT",
      actual: reason,
    },
  );
}
