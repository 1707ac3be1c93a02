import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { loadProcessor, readImages, type ImageSet } from "@ligo/images";
import { inputOf } from "../input.js";
import { repositoryFile, ROOT } from "../repository.js";
import { holds, type Target } from "../target.js";

const FIXTURES = "packages/images/src/__fixtures__";
const fixture = (name: string): Uint8Array => repositoryFile(`${FIXTURES}/${name}`);

/** Most images of a set that are decoded. */
const DECODED = 4;

/** Classes, labels and the pixels of the first images. */
async function readingOf(images: ImageSet): Promise<unknown> {
  const { classes, count, labels } = images;
  holds(labels.length === count, () => `${labels.length} labels of ${count} images`);
  holds(
    labels.every((label) => label >= 0 && label < classes.length),
    () => `labels beyond ${classes.length} classes`,
  );
  const pixels: string[] = [];
  for (let index = 0; index < Math.min(count, DECODED); index++) {
    const { channels, data, height, width } = await images.pixels(index);
    holds(data.length === channels * height * width, () => `image ${index} lacks pixels`);
    pixels.push(`${width}x${height} ${createHash("sha256").update(data).digest("hex")}`);
  }
  return { classes, labels: [...labels], pixels };
}

/** Parquet of images. */
export const imageParquet: Target = {
  name: "image-parquet",
  weight: 10,
  prepare: async () =>
    ["named", "plain", "zstd", "missing"].map((name) =>
      inputOf({ "x.parquet": fixture(`${name}.parquet`) }),
    ),
  open: async () => ({
    read: async (folder) => readingOf(await readImages([join(folder, "x.parquet")])),
  }),
};

/** Images in folders, and the processor that goes with them. */
export const imageFolder: Target = {
  name: "images",
  weight: 16,
  async prepare() {
    const files = await readdir(join(ROOT, FIXTURES, "encoded"));
    const processors = JSON.parse(Buffer.from(fixture("processors.json")).toString()) as Readonly<
      Record<string, unknown>
    >;
    const [processor = {}] = Object.values(processors);
    return files.toSorted().map((name) =>
      inputOf({
        [`images/a/${name}`]: fixture(`encoded/${name}`),
        [`images/b/${name}`]: fixture(`encoded/${name}`),
        "preprocessor_config.json": processor,
      }),
    );
  },
  open: async () => ({
    async read(folder) {
      const processor = await loadProcessor(folder);
      return { processor, images: await readingOf(await readImages([join(folder, "images")])) };
    },
  }),
};
