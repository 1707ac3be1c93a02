import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { nearestName } from "@ligo/core";
import { ImageError } from "./image-error.js";
import { cachedImages, type ImageSet } from "./image-set.js";
import { checkInteger } from "./options.js";
import { cifarSource } from "./sources/cifar.js";
import { folderSource } from "./sources/folders.js";
import { parquetSource, type ParquetColumns } from "./sources/parquet.js";
import type { ImageSource, LeftOutFile } from "./sources/source.js";

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

/** Images as they were read. */
export interface ReadImages extends ImageSet {
  /** Files of folders that were left out. */
  readonly leftOut: readonly LeftOutFile[];
}

const DEFAULT_CACHE_BYTES = 2 ** 30;

/**
 * Finds the images that `paths` name. A path is a folder of class folders (`<class>/<...>/<file>.jpg`), a CIFAR-10 binary
 * file or a folder with its `data_batch_*.bin`, or a parquet file or a folder of them. Images are decoded when they are used.
 *
 * @throws ImageError that names the path: `images/no-images`, `images/no-classes`, `images/empty-class`,
 * `images/one-class`, `images/unknown-class`, `images/unreadable`, `images/wrong-record-length`, `images/bad-label`,
 * `images/bad-parquet`, `images/missing-column`
 */
export async function readImages(
  paths: readonly string[],
  options: ReadImagesOptions = {},
): Promise<ReadImages> {
  const cacheBytes = checkInteger("cacheBytes", options.cacheBytes ?? DEFAULT_CACHE_BYTES, 0);
  const files = { folders: [] as string[], cifar: [] as string[], parquet: [] as string[] };
  const leftOut: LeftOutFile[] = [];
  for (const path of paths) {
    const found = await classify(path);
    files[found.kind].push(...found.files);
    leftOut.push(...found.others.map((file) => ({ file, why: whyLeftOut(file) })));
  }
  const sources: ImageSource[] = [];
  if (files.folders.length > 0) {
    const source = await folderSource(files.folders);
    leftOut.push(...source.leftOut);
    sources.push(source);
  }
  if (files.cifar.length > 0) sources.push(await cifarSource(files.cifar));
  if (files.parquet.length > 0) sources.push(await parquetSource(files.parquet, options.columns));
  const images = joinSources(sources, paths, options.classes);
  return { ...cachedImages(images, { cacheBytes }), leftOut };
}

const whyLeftOut = (file: string): LeftOutFile["why"] =>
  basename(file).startsWith(".") ? "hidden" : "kind";

interface Found {
  readonly kind: "folders" | "cifar" | "parquet";
  readonly files: readonly string[];
  /** Other entries of the folder. */
  readonly others: readonly string[];
}

async function classify(path: string): Promise<Found> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) throw noImages(path, "nothing");
  if (!there.isDirectory()) {
    if (path.endsWith(".bin")) return { kind: "cifar", files: [path], others: [] };
    if (path.endsWith(".parquet")) return { kind: "parquet", files: [path], others: [] };
    throw noImages(path, "a file of another kind");
  }
  const names = (await readdir(path)).sort();
  const matching = (kind: Found["kind"], pattern: RegExp): Found | undefined => {
    const fits = (name: string): boolean => pattern.test(name) && !name.startsWith(".");
    const others = names.filter((name) => !fits(name));
    const files = names.filter(fits);
    const paths = (all: readonly string[]): readonly string[] =>
      all.map((name) => join(path, name));
    return files.length === 0 ? undefined : { kind, files: paths(files), others: paths(others) };
  };
  return (
    matching("cifar", /^data_batch_\d+\.bin$/u) ??
    matching("parquet", /\.parquet$/u) ?? { kind: "folders", files: [path], others: [] }
  );
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
  const numberOf = classNumbers(classes, where);
  const images = sources.flatMap((source) => {
    const numbers = source.classes.map((name, index) => numberOf(name, index, source));
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

/** Finds the number of a class of a source by its name, or by its number there. Throws `images/unknown-class`. */
function classNumbers(
  classes: readonly string[],
  where: string,
): (name: string, index: number, source: ImageSource) => number {
  const byName = new Map(classes.map((name, label) => [name, label] as const).toReversed());
  const unnamed = classes.every((one, label) => one === `LABEL_${label}`);
  // where a class has the number of another one for its name, numbers are names
  const numbersAreNames = classes.some((one, label) => isOther(one, label));
  return (name, index, { numbered }) => {
    const found = byName.get(name);
    if (found !== undefined) return found;
    const byNumber = unnamed || (numbered && !numbersAreNames);
    if (byNumber && index < classes.length) return index;
    const nearest = unnamed ? undefined : nearestName(name, classes);
    throw new ImageError(
      "images/unknown-class",
      `${where} has the class "${name}", which is none of the model's ${classes.length} classes` +
        `${nearest === undefined ? "" : `; the nearest is "${nearest}"`}. Rename it, change id2label of the model, or train a ` +
        "head for the classes of the data: `labels: <n>`, their number.",
      { file: where, expected: classes.join(", "), actual: name },
    );
  };
}

/** Whether a name is the number of another class. */
function isOther(name: string, label: number): boolean {
  return /^(?:0|[1-9]\d*)$/u.test(name) && name !== String(label);
}

function oneClass(where: string, classes: readonly string[]): ImageError {
  return new ImageError(
    "images/one-class",
    `All images of ${where} are of the class "${classes[0] ?? ""}"; a classifier needs at least two.`,
    { file: where, expected: "at least 2 classes", actual: `${classes.length} class` },
  );
}
