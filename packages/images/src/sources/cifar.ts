import { readFile } from "node:fs/promises";
import { ImageError } from "../image-error.js";
import type { Pixels } from "../pixels.js";
import type { ImageSource } from "./source.js";

/** The classes of CIFAR-10, in the order of its labels. */
const CIFAR10_CLASSES: readonly string[] = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
];

const SIDE = 32;
const PLANE = SIDE * SIDE;
/** A label, then the red, green and blue plane. */
const RECORD = 1 + 3 * PLANE;

/**
 * CIFAR-10 in its binary version: files of records of 3073 bytes, a label and 32 x 32 pixels in three planes.
 *
 * @throws ImageError `images/wrong-record-length`, `images/bad-label`, `images/unreadable`
 */
export async function cifarSource(files: readonly string[]): Promise<ImageSource> {
  const images: { readonly name: string; readonly label: number; readonly pixels: Pixels }[] = [];
  for (const file of files) {
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw new ImageError("images/unreadable", `${file} cannot be read: ${String(cause)}.`, {
        file,
        cause,
      });
    });
    if (bytes.length === 0 || bytes.length % RECORD !== 0) throw wrongLength(file, bytes.length);
    for (let record = 0; record < bytes.length / RECORD; record++) {
      const name = `${file} record ${record}`;
      const label = bytes[record * RECORD] as number;
      if (label >= CIFAR10_CLASSES.length) throw badLabel(file, record, label);
      const planes = bytes.subarray(record * RECORD + 1, (record + 1) * RECORD);
      images.push({ name, label, pixels: interleave(planes) });
    }
  }
  return {
    classes: CIFAR10_CLASSES,
    numbered: false,
    labels: images.map(({ label }) => label),
    nameOf: (index) => images[index]?.name ?? "",
    pixels: (index) => Promise.resolve(images[index]?.pixels as Pixels),
  };
}

/** Bytes [3, 32, 32] as [32, 32, 3]. */
function interleave(planes: Uint8Array): Pixels {
  const data = new Uint8Array(planes.length);
  for (let index = 0; index < PLANE; index++) {
    for (let c = 0; c < 3; c++) data[3 * index + c] = planes[c * PLANE + index] as number;
  }
  return { width: SIDE, height: SIDE, channels: 3, data };
}

function wrongLength(file: string, length: number): ImageError {
  return new ImageError(
    "images/wrong-record-length",
    `${file} has ${length} bytes, which is not a number of CIFAR-10 records of ${RECORD} bytes (a label and 32 x 32 x 3 ` +
      "pixels). Download it again; CIFAR-100 is not read.",
    { file, expected: `a multiple of ${RECORD} bytes`, actual: `${length} bytes` },
  );
}

function badLabel(file: string, record: number, label: number): ImageError {
  return new ImageError(
    "images/bad-label",
    `${file}: record ${record} has the label ${label}; CIFAR-10 has labels 0 to 9.`,
    { file, expected: "0 to 9", actual: String(label) },
  );
}
