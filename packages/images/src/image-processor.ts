import { cropPixels, greyPixels, type Pixels } from "./pixels.js";
import { resizePixels, type Resampling } from "./resample.js";

/** Height and width in pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** How images become `pixel_values`: what a Hugging Face image processor does, as plain data. */
export interface ImageProcessor {
  /** Size images are brought to, without regard to their aspect; or the length of their shorter side; or none. */
  readonly resize: ImageSize | { readonly shortestEdge: number } | undefined;
  readonly resampling: Resampling;
  /** Size cut from the centre after resizing; what is missing is black. */
  readonly crop: ImageSize | undefined;
  /** Size of the result. */
  readonly size: ImageSize;
  /** 3: red, green, blue; 1: grey. */
  readonly channels: 1 | 3;
  /** Factor on bytes, 1/255 as a rule. */
  readonly rescale: number;
  /** Per channel: taken off after rescaling, and divided by. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Options of {@link createProcessor}. */
export interface ProcessorOptions {
  /** Height and width of the result. */
  readonly size: number;
  /** Default 3. */
  readonly channels?: 1 | 3;
  /** Default bilinear. */
  readonly resampling?: Resampling;
}

/** A processor for models that come without one: resizes to a square, and brings bytes to -1 to 1, as ViT's does. */
export function createProcessor(options: ProcessorOptions): ImageProcessor {
  const { channels = 3, resampling = "bilinear" } = options;
  const size = { height: options.size, width: options.size };
  const half = Array.from({ length: channels }, () => 0.5);
  return {
    resize: size,
    resampling,
    crop: undefined,
    size,
    channels,
    rescale: 1 / 255,
    mean: half,
    deviation: half,
  };
}

/** Resizes and crops one image to the processor's size, and makes it grey if the processor is. */
export function fitPixels(image: Pixels, processor: ImageProcessor): Pixels {
  const { channels, crop, resampling, resize } = processor;
  const coloured = channels === 1 ? greyPixels(image) : image;
  const resized = resize
    ? resizePixels(coloured, targetSize(coloured, resize), resampling)
    : coloured;
  return crop ? centreCrop(resized, crop) : resized;
}

/** The longer side is rounded down, as Hugging Face does. */
function targetSize(image: Pixels, resize: NonNullable<ImageProcessor["resize"]>): ImageSize {
  if (!("shortestEdge" in resize)) return resize;
  const { height, width } = image;
  const short = resize.shortestEdge;
  return width <= height
    ? { width: short, height: Math.trunc((short * height) / width) }
    : { height: short, width: Math.trunc((short * width) / height) };
}

/** Cuts out the middle. A crop that does not fit evenly is rounded as Hugging Face does: down inside the image, up around it. */
function centreCrop(image: Pixels, { height, width }: ImageSize): Pixels {
  const inside = image.height >= height && image.width >= width;
  const offset = (size: number, target: number): number =>
    inside
      ? Math.floor((size - target) / 2)
      : Math.floor((Math.max(size, target) - target) / 2) -
        Math.ceil((Math.max(size, target) - size) / 2);
  return cropPixels(image, {
    left: offset(image.width, width),
    top: offset(image.height, height),
    width,
    height,
  });
}

/** float32 of every byte per channel: (byte * rescale - mean) / deviation, each step rounded to float32. */
export function byteTables({ deviation, mean, rescale }: ImageProcessor): readonly Float32Array[] {
  return mean.map((channelMean, channel) =>
    Float32Array.from({ length: 256 }, (_, byte) => {
      const scaled = Math.fround(byte * rescale);
      const centred = Math.fround(scaled - Math.fround(channelMean));
      return centred / Math.fround(deviation[channel] as number);
    }),
  );
}

/** Writes an image as float32 [channels, height, width] at `offset`. */
export function writePixels(
  { channels, data }: Pixels,
  tables: readonly Float32Array[],
  target: Float32Array,
  offset: number,
): void {
  const plane = data.length / channels;
  for (let c = 0; c < channels; c++) {
    const table = tables[c] as Float32Array;
    const start = offset + c * plane;
    for (let index = 0, from = c; index < plane; index++, from += channels) {
      target[start + index] = table[data[from] as number] as number;
    }
  }
}
