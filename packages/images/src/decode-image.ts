import type { Sharp } from "sharp";
import { transparentColour } from "./gif-palette.js";
import { ImageError } from "./image-error.js";
import type { Pixels } from "./pixels.js";

/**
 * Decodes an image of any format sharp knows to the RGB bytes that Pillow's `convert("RGB")` makes, turned as its EXIF
 * orientation says. Transparency is dropped, colour profiles are not applied, CMYK is converted without one, and grey of 16
 * bits is cut off at 255. Of several images in a file the first is taken.
 *
 * @param name where the bytes are from, for messages
 * @throws ImageError `images/corrupt-image`
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Pixels> {
  const { default: sharp } = await import("sharp");
  try {
    const image = sharp(bytes, { ignoreIcc: true }).autoOrient();
    const { channels, format, hasAlpha, space } = await image.metadata();
    if (space === "cmyk") return await cmykPixels(image);
    if (space === "grey16" && channels === 1) return await deepGreyPixels(image);
    if (format === "gif" && hasAlpha) return await clearPixels(image, transparentColour(bytes));
    return await colourPixels(image);
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).trim();
    throw new ImageError(
      "images/corrupt-image",
      `${name} cannot be decoded: ${reason}. Remove it or copy it again.`,
      { file: name, expected: "a complete image", actual: reason, cause },
    );
  }
}

async function colourPixels(image: Sharp): Promise<Pixels> {
  const { data, info } = await image
    .removeAlpha()
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { width, height, channels: 3, data: new Uint8Array(data) };
}

/** CMYK as Pillow converts it: (255 - ink) (255 - black) / 255, rounded as it does. */
async function cmykPixels(image: Sharp): Promise<Pixels> {
  const { data: inks, info } = await image
    .pipelineColourspace("cmyk")
    .toColourspace("cmyk")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { channels, height, width } = info;
  const data = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; to < data.length; from += channels) {
    const light = 255 - (inks[from + 3] ?? 0);
    for (let ink = 0; ink < 3; ink++) {
      const product = (inks[from + ink] ?? 0) * light + 128;
      data[to++] = light - (((product >> 8) + product) >> 8);
    }
  }
  return { width, height, channels: 3, data };
}

/** Grey of 16 bits, which Pillow does not scale. */
async function deepGreyPixels(image: Sharp): Promise<Pixels> {
  const { data: raw, info } = await image
    .toColourspace("grey16")
    .raw({ depth: "ushort" })
    .toBuffer({ resolveWithObject: true });
  const { height, width } = info;
  const grey = new Uint16Array(Uint8Array.from(raw).buffer);
  const data = new Uint8Array(3 * grey.length);
  for (const [index, value] of grey.entries())
    data.fill(Math.min(value, 255), 3 * index, 3 * index + 3);
  return { width, height, channels: 3, data };
}

/** Pixels of a palette, of which those that are transparent have lost their colour. */
async function clearPixels(
  image: Sharp,
  colour: readonly [number, number, number],
): Promise<Pixels> {
  const { data: raw, info } = await image
    .ensureAlpha()
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { height, width } = info;
  const data = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data.set(raw[from + 3] === 0 ? colour : raw.subarray(from, from + 3), to);
  }
  return { width, height, channels: 3, data };
}
