import { readFile, readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { decodeImage } from "../decode-image.js";
import { ImageError } from "../image-error.js";
import type { ImageSource } from "./source.js";

/** Extensions taken from class folders, in any case. */
const IMAGE_EXTENSIONS: readonly string[] = [
  ".jpg",
  ".jpeg",
  ".png",
  ".webp",
  ".gif",
  ".tif",
  ".tiff",
  ".avif",
];

const byCodeUnit = (left: string, right: string): number =>
  left < right ? -1 : Number(left > right);

/**
 * Images in folders named after their class: `<folder>/<class>/<file>.jpg`. Classes are sorted by name; hidden entries and
 * other files are left out.
 *
 * @throws ImageError `images/no-classes`, `images/empty-class`, `images/unreadable`
 */
export async function folderSource(folders: readonly string[]): Promise<ImageSource> {
  const found: { readonly path: string; readonly className: string }[] = [];
  for (const folder of folders) {
    const classes = (await list(folder)).filter((entry) => entry.folder);
    if (classes.length === 0) throw noClasses(folder);
    for (const { name: className } of classes) {
      const directory = join(folder, className);
      const files = (await list(directory)).filter(
        ({ folder: isFolder, name }) => !isFolder && isImage(name),
      );
      if (files.length === 0) throw emptyClass(directory);
      for (const { name } of files) found.push({ path: join(directory, name), className });
    }
  }
  const classes = [...new Set(found.map(({ className }) => className))].sort(byCodeUnit);
  const numbers = new Map(classes.map((name, index) => [name, index]));
  const pathOf = (index: number): string => found[index]?.path ?? "";
  return {
    classes,
    numbered: false,
    labels: found.map(({ className }) => numbers.get(className) as number),
    nameOf: pathOf,
    pixels: async (index) => decodeImage(await readBytes(pathOf(index)), pathOf(index)),
  };
}

const isImage = (name: string): boolean => IMAGE_EXTENSIONS.includes(extname(name).toLowerCase());

/** Entries that are not hidden, sorted the same way on every machine; links count as what they point to. */
async function list(
  folder: string,
): Promise<{ readonly name: string; readonly folder: boolean }[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(folder, cause);
  });
  const visible = entries.filter(({ name }) => !name.startsWith("."));
  const kinds = await Promise.all(
    visible.map(async (entry) => {
      if (!entry.isSymbolicLink()) return entry.isDirectory();
      return readdir(join(folder, entry.name)).then(
        () => true,
        () => false,
      );
    }),
  );
  return visible
    .map(({ name }, index) => ({ name, folder: kinds[index] as boolean }))
    .sort((left, right) => byCodeUnit(left.name, right.name));
}

async function readBytes(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
}

function unreadable(path: string, cause: unknown): ImageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ImageError("images/unreadable", `${path} cannot be read: ${reason}.`, {
    file: path,
    cause,
  });
}

function noClasses(folder: string): ImageError {
  return new ImageError(
    "images/no-classes",
    `${folder} holds no class folders; put the images of each class into a folder of its own, as in ` +
      `${join(folder, "cat", "1.jpg")}.`,
    { file: folder, expected: "<class>/<image>", actual: "no folders" },
  );
}

function emptyClass(folder: string): ImageError {
  return new ImageError(
    "images/empty-class",
    `The class folder ${folder} holds no image (${IMAGE_EXTENSIONS.join(", ")}). Add some or remove it; if the classes ` +
      "lie one level deeper, name the folder that holds them.",
    { file: folder, expected: "at least 1 image", actual: "none" },
  );
}
