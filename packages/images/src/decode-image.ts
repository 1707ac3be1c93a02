import { ImageError } from "./image-error.js";
import type { Pixels } from "./pixels.js";

/**
 * Decodes an image of any format sharp knows to RGB bytes, turned as its EXIF orientation says. Transparency is dropped
 * and colour profiles are not applied, as Pillow's `convert("RGB")` does.
 *
 * @param name where the bytes are from, for messages
 * @throws ImageError `images/corrupt-image`
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Pixels> {
  const { default: sharp } = await import("sharp");
  try {
    const { data, info } = await sharp(bytes, { ignoreIcc: true })
      .autoOrient()
      .removeAlpha()
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    return { width, height, channels: 3, data: new Uint8Array(data) };
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).trim();
    throw new ImageError(
      "images/corrupt-image",
      `${name} cannot be decoded: ${reason}. Remove it or copy it again.`,
      { file: name, expected: "a complete image", actual: reason, cause },
    );
  }
}
