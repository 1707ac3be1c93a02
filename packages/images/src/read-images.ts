import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { nearestName } from "@ligo/core";
import { ImageError } from "./image-error.js";
import { cachedImages, type ImageSet } from "./image-set.js";
import { checkInteger } from "./options.js";
import { cifarSource } from "./sources/cifar.js";
import { folderSource } from "./sources/folders.js";
import { parquetSource, type ParquetColumns } from "./sources/parquet.js";
import type { ImageSource } from "./sources/source.js";

/** Options of {@link readImages}. */
export interface ReadImagesOptions {
  /**
   * Class names in the order of a model's labels (`id2label`). Default: those of the data, folders sorted by name. Names
   * such as `LABEL_0`, which a model has that was never told its classes, stand for any.
   */
  readonly classes?: readonly string[];
  /** Columns of parquet files. */
  readonly columns?: ParquetColumns;
  /** Decoded images are kept in memory up to this many bytes. Default 1 GiB. */
  readonly cacheBytes?: number;
}

const DEFAULT_CACHE_BYTES = 2 ** 30;

/**
 * Finds the images that `paths` name. A path is a folder of class folders (`<class>/<file>.jpg`), a CIFAR-10 binary file
 * or a folder with its `data_batch_*.bin`, or a parquet file or a folder of them. Images are decoded when they are used.
 *
 * @throws ImageError that names the path: `images/no-images`, `images/no-classes`, `images/empty-class`,
 * `images/one-class`, `images/unknown-class`, `images/unreadable`, `images/wrong-record-length`, `images/bad-label`,
 * `images/bad-parquet`, `images/missing-column`
 */
export async function readImages(
  paths: readonly string[],
  options: ReadImagesOptions = {},
): Promise<ImageSet> {
  const cacheBytes = checkInteger("cacheBytes", options.cacheBytes ?? DEFAULT_CACHE_BYTES, 0);
  const files = { folders: [] as string[], cifar: [] as string[], parquet: [] as string[] };
  for (const path of paths) {
    const found = await classify(path);
    files[found.kind].push(...found.files);
  }
  const sources: ImageSource[] = [];
  if (files.folders.length > 0) sources.push(await folderSource(files.folders));
  if (files.cifar.length > 0) sources.push(await cifarSource(files.cifar));
  if (files.parquet.length > 0) sources.push(await parquetSource(files.parquet, options.columns));
  return cachedImages(joinSources(sources, paths, options.classes), { cacheBytes });
}

interface Found {
  readonly kind: "folders" | "cifar" | "parquet";
  readonly files: readonly string[];
}

async function classify(path: string): Promise<Found> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) throw noImages(path, "nothing");
  if (!there.isDirectory()) {
    if (path.endsWith(".bin")) return { kind: "cifar", files: [path] };
    if (path.endsWith(".parquet")) return { kind: "parquet", files: [path] };
    throw noImages(path, "a file of another kind");
  }
  const names = (await readdir(path)).sort();
  const matching = (pattern: RegExp): string[] =>
    names.filter((name) => pattern.test(name)).map((name) => join(path, name));
  const cifar = matching(/^data_batch_\d+\.bin$/u);
  if (cifar.length > 0) return { kind: "cifar", files: cifar };
  const parquet = matching(/\.parquet$/u);
  if (parquet.length > 0) return { kind: "parquet", files: parquet };
  return { kind: "folders", files: [path] };
}

function noImages(path: string, actual: string): ImageError {
  const expected = "a folder of class folders, data_batch_*.bin or *.parquet";
  return new ImageError("images/no-images", `${path} is ${actual}; give ${expected}.`, {
    file: path,
    expected,
    actual,
  });
}

/** All sources as one set, their labels brought to one list of classes. */
function joinSources(
  sources: readonly ImageSource[],
  paths: readonly string[],
  wanted: readonly string[] | undefined,
): ImageSet {
  const classes = wanted ?? [...new Set(sources.flatMap((source) => source.classes))];
  const where = paths.join(", ");
  const images = sources.flatMap((source) => {
    const numbers = source.classes.map((name, index) =>
      labelOf(name, index, source, classes, where),
    );
    return source.labels.map((label, index) => ({
      source,
      index,
      label: numbers[label] as number,
    }));
  });
  if (images.length === 0) throw noImages(where, "empty");
  if (classes.length < 2) throw oneClass(where, classes);
  const at = (index: number): (typeof images)[number] => images[index] as (typeof images)[number];
  return {
    count: images.length,
    classes,
    labels: Int32Array.from(images, ({ label }) => label),
    nameOf: (index) => at(index).source.nameOf(at(index).index),
    pixels: (index) => at(index).source.pixels(at(index).index),
  };
}

function labelOf(
  name: string,
  index: number,
  source: ImageSource,
  classes: readonly string[],
  where: string,
): number {
  const found = classes.indexOf(name);
  if (found >= 0) return found;
  const unnamed = classes.every((one, label) => one === `LABEL_${label}`);
  if ((source.numbered || unnamed) && index < classes.length) return index;
  const nearest = nearestName(name, classes);
  throw new ImageError(
    "images/unknown-class",
    `${where} has the class "${name}", which is none of the model's ${classes.length} classes` +
      `${nearest === undefined ? "" : `; the nearest is "${nearest}"`}. Rename it, or change id2label of the model.`,
    { file: where, expected: classes.join(", "), actual: name },
  );
}

function oneClass(where: string, classes: readonly string[]): ImageError {
  return new ImageError(
    "images/one-class",
    `All images of ${where} are of the class "${classes[0] ?? ""}"; a classifier needs at least two.`,
    { file: where, expected: "at least 2 classes", actual: `${classes.length} class` },
  );
}
