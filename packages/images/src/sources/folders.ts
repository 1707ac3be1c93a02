import { readFile, readdir, realpath, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { decodeImage } from "../decode-image.js";
import { ImageError } from "../image-error.js";
import type { ImageSource, LeftOutFile } from "./source.js";

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

/** Images of class folders, and the files that are left out. */
export interface FolderSource extends ImageSource {
  readonly leftOut: readonly LeftOutFile[];
}

/**
 * Images in folders named after their class, and in all folders below, as torchvision's `ImageFolder` finds them:
 * `<folder>/<class>/<...>/<file>.jpg`. Classes are sorted by name; hidden entries and other files are left out.
 *
 * @throws ImageError `images/no-classes`, `images/empty-class`, `images/unreadable`
 */
export async function folderSource(folders: readonly string[]): Promise<FolderSource> {
  const found: { readonly path: string; readonly className: string }[] = [];
  const leftOut: LeftOutFile[] = [];
  for (const folder of folders) {
    const { files, folders: classes, hidden } = await list(folder);
    if (classes.length === 0) throw noClasses(folder);
    leftOut.push(...files.map((file) => ({ file: join(folder, file), why: "kind" as const })));
    leftOut.push(...hidden.map((file) => ({ file: join(folder, file), why: "hidden" as const })));
    for (const className of classes) {
      const directory = join(folder, className);
      const inside = await walk(directory, new Set());
      if (inside.images.length === 0) throw emptyClass(directory, inside.leftOut);
      leftOut.push(...inside.leftOut);
      for (const path of inside.images) found.push({ path, className });
    }
  }
  const classes = [...new Set(found.map(({ className }) => className))].sort(byCodeUnit);
  const numbers = new Map(classes.map((name, index) => [name, index]));
  const pathOf = (index: number): string => found[index]?.path ?? "";
  return {
    classes,
    numbered: false,
    labels: found.map(({ className }) => numbers.get(className) as number),
    leftOut,
    nameOf: pathOf,
    pixels: async (index) => decodeImage(await readBytes(pathOf(index)), pathOf(index)),
  };
}

const isImage = (name: string): boolean => IMAGE_EXTENSIONS.includes(extname(name).toLowerCase());

interface Walked {
  readonly images: readonly string[];
  readonly leftOut: readonly LeftOutFile[];
}

/**
 * Images of a folder, and those of the folders below it.
 *
 * @param above real paths of the folders that it lies in: a link back to one of them would never end
 */
async function walk(folder: string, above: ReadonlySet<string>): Promise<Walked> {
  const real = await realpath(folder);
  if (above.has(real)) return { images: [], leftOut: [] };
  const { files, folders, hidden } = await list(folder);
  const path = (name: string): string => join(folder, name);
  const images = files.filter(isImage).map(path);
  const leftOut: LeftOutFile[] = [
    ...files
      .filter((name) => !isImage(name))
      .map((name) => ({ file: path(name), why: "kind" as const })),
    ...hidden.map((name) => ({ file: path(name), why: "hidden" as const })),
  ];
  const inside = new Set(above).add(real);
  for (const name of folders) {
    const below = await walk(path(name), inside);
    images.push(...below.images);
    leftOut.push(...below.leftOut);
  }
  return { images, leftOut };
}

interface Listed {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** Names that begin with a dot. */
  readonly hidden: readonly string[];
}

/** Entries, sorted the same way on every machine; links count as what they point to. */
async function list(folder: string): Promise<Listed> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(folder, cause);
  });
  const kinds = await Promise.all(
    entries.map(async (entry) => {
      if (entry.name.startsWith(".")) return "hidden";
      const there = entry.isSymbolicLink()
        ? await stat(join(folder, entry.name)).catch(() => entry)
        : entry;
      return there.isDirectory() ? "folder" : "file";
    }),
  );
  const of = (kind: "file" | "folder" | "hidden"): readonly string[] =>
    entries
      .filter((_, index) => kinds[index] === kind)
      .map(({ name }) => name)
      .sort(byCodeUnit);
  return { files: of("file"), folders: of("folder"), hidden: of("hidden") };
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

function emptyClass(folder: string, leftOut: readonly LeftOutFile[]): ImageError {
  const kinds = [...new Set(leftOut.map(({ file }) => extname(file)))].filter((one) => one !== "");
  const held = kinds.length === 0 ? "" : `, but files ending in ${kinds.join(", ")}`;
  return new ImageError(
    "images/empty-class",
    `The class folder ${folder} holds no image (${IMAGE_EXTENSIONS.join(", ")})${held}. Add some or remove it; convert images ` +
      "of other kinds, e.g. to .png.",
    { file: folder, expected: "at least 1 image", actual: kinds.join(", ") || "none" },
  );
}
