import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fixturePath } from "./__fixtures__/read-fixture.js";
import { ImageError } from "./image-error.js";
import { readImages } from "./read-images.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ligo-images-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Puts copies of a recorded image at these paths below the folder. */
async function put(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await copyFile(fixturePath("encoded/picture.png"), join(folder, path));
  }
}

/** The error a promise is rejected with. */
async function failure(promise: Promise<unknown>): Promise<ImageError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ImageError);
  return error as ImageError;
}

const cifarRecord = (label: number): Uint8Array =>
  Uint8Array.from({ length: 3073 }, (_, index) =>
    index === 0 ? label : Math.floor((index - 1) / 1024) * 100 + (index % 7),
  );

describe("class folders", () => {
  it("are classes in order of their names, with their images in order of theirs", async () => {
    await put("owl/b.png", "owl/a.PNG", "cat/x.png", ".git/y.png");
    await writeFile(join(folder, "owl", "notes.txt"), "no image");
    await writeFile(join(folder, "readme.md"), "no image");
    const images = await readImages([folder]);
    expect(images.classes).toEqual(["cat", "owl"]);
    expect([...images.labels]).toEqual([0, 1, 1]);
    expect([0, 1, 2].map((index) => images.nameOf(index))).toEqual(
      ["cat/x.png", "owl/a.PNG", "owl/b.png"].map((name) => join(folder, name)),
    );
    expect(await images.pixels(1)).toMatchObject({ width: 23, height: 17, channels: 3 });
    expect(await images.pixels(1)).toBe(await images.pixels(1));
  });

  it("are walked in full, and tell what they leave out", async () => {
    await put("cat/x.png", "cat/deep/er/a.png", "cat/deep/b.png", "cat/.cache/c.png", "owl/y.png");
    await put("cat/z.bmp", "stray.png", "owl/.hidden.png");
    await symlink(join(folder, "cat"), join(folder, "cat", "deep", "loop"));
    await symlink(join(folder, "owl"), join(folder, "cat", "linked"));
    const images = await readImages([folder]);
    const names = (paths: readonly string[]): readonly string[] =>
      paths.map((path) => path.slice(folder.length + 1));
    expect(names(Array.from({ length: images.count }, (_, index) => images.nameOf(index)))).toEqual(
      ["cat/x.png", "cat/deep/b.png", "cat/deep/er/a.png", "cat/linked/y.png", "owl/y.png"],
    );
    expect([...images.labels]).toEqual([0, 0, 0, 0, 1]);
    expect(images.leftOut.map(({ file, why }) => `${why} ${names([file])[0]}`)).toEqual([
      "kind stray.png",
      "kind cat/z.bmp",
      "hidden cat/.cache",
      "hidden cat/linked/.hidden.png",
      "hidden owl/.hidden.png",
    ]);
  });

  it("of images of another kind alone are refused, and the kind is named", async () => {
    await put("cat/x.png", "owl/a.bmp", "owl/deep/b.ppm");
    expect(await failure(readImages([folder]))).toMatchObject({
      code: "images/empty-class",
      actual: ".bmp, .ppm",
    });
  });

  it("beside other data tell what they leave out", async () => {
    await writeFile(
      join(folder, "data_batch_1.bin"),
      Buffer.concat([cifarRecord(3), cifarRecord(9)]),
    );
    await writeFile(join(folder, "readme.html"), "");
    const { leftOut } = await readImages([folder]);
    expect(leftOut).toEqual([{ file: join(folder, "readme.html"), why: "kind" }]);
  });

  it("are decoded anew where the cache is full", async () => {
    await put("cat/x.png", "owl/x.png");
    const images = await readImages([folder], { cacheBytes: 3 * 23 * 17 });
    expect(await images.pixels(0)).toBe(await images.pixels(0));
    expect(await images.pixels(1)).not.toBe(await images.pixels(1));
    expect(await images.pixels(1)).toEqual(await images.pixels(0));
  });

  it("take the model's order of classes", async () => {
    await put("cat/x.png", "owl/x.png");
    const images = await readImages([folder], { classes: ["owl", "dog", "cat"] });
    expect([...images.labels]).toEqual([2, 0]);
    const unnamed = await readImages([folder], { classes: ["LABEL_0", "LABEL_1", "LABEL_2"] });
    expect([...unnamed.labels]).toEqual([0, 1]);
    const error = await failure(readImages([folder], { classes: ["cat", "owls"] }));
    expect(error).toMatchObject({ code: "images/unknown-class", actual: "owl" });
    expect(error.message).toContain('the nearest is "owls"');
    const fewer = await failure(readImages([folder], { classes: ["LABEL_0"] }));
    expect(fewer.message).toContain("the model's 1 classes. Rename it");
  });

  it("refuse what is no data set, and say why", async () => {
    expect(await failure(readImages([join(folder, "absent")]))).toMatchObject({
      code: "images/no-images",
      file: join(folder, "absent"),
    });
    expect(await failure(readImages([folder]))).toMatchObject({ code: "images/no-classes" });
    await put("cat/x.png");
    expect(await failure(readImages([folder]))).toMatchObject({ code: "images/one-class" });
    expect(await failure(readImages([join(folder, "cat", "x.png")]))).toMatchObject({
      code: "images/no-images",
    });
    await mkdir(join(folder, "dog"));
    expect(await failure(readImages([folder]))).toMatchObject({
      code: "images/empty-class",
      file: join(folder, "dog"),
    });
  });

  it("name a corrupt image", async () => {
    await put("cat/x.png", "dog/x.png");
    const broken = join(folder, "dog", "broken.jpg");
    await writeFile(broken, "not a JPEG");
    const images = await readImages([folder]);
    const error = await failure(images.pixels(1));
    expect(error).toMatchObject({ code: "images/corrupt-image", file: broken });
    const cut = join(folder, "dog", "x.png");
    await writeFile(
      cut,
      (await import("node:fs")).readFileSync(fixturePath("encoded/picture.png")).subarray(0, 300),
    );
    expect(await failure(images.pixels(2))).toMatchObject({
      code: "images/corrupt-image",
      file: cut,
    });
    await rm(cut);
    expect(await failure(images.pixels(2))).toMatchObject({ code: "images/unreadable", file: cut });
  });
});

describe("CIFAR-10 binaries", () => {
  it("are read as they are laid out", async () => {
    await writeFile(
      join(folder, "data_batch_1.bin"),
      Buffer.concat([cifarRecord(3), cifarRecord(9)]),
    );
    await writeFile(join(folder, "data_batch_2.bin"), cifarRecord(0));
    await writeFile(join(folder, "test_batch.bin"), cifarRecord(1));
    const images = await readImages([folder]);
    expect(images.classes).toHaveLength(10);
    expect([...images.labels]).toEqual([3, 9, 0]);
    const { data, width, height } = await images.pixels(0);
    expect([width, height]).toEqual([32, 32]);
    // record byte 1 + 1024 c + i is channel c of pixel i
    for (const [pixel, channel] of [
      [0, 0],
      [5, 2],
      [1023, 1],
    ] as const) {
      expect(data[3 * pixel + channel]).toBe(channel * 100 + ((1 + 1024 * channel + pixel) % 7));
    }
    expect(images.nameOf(1)).toBe(`${join(folder, "data_batch_1.bin")} record 1`);
    const test = await readImages([join(folder, "test_batch.bin")]);
    expect([...test.labels]).toEqual([1]);
  });

  it("refuse other lengths and labels", async () => {
    const file = join(folder, "data_batch_1.bin");
    await writeFile(file, new Uint8Array(3074));
    expect(await failure(readImages([file]))).toMatchObject({
      code: "images/wrong-record-length",
      file,
      actual: "3074 bytes",
    });
    await writeFile(file, "");
    expect(await failure(readImages([file]))).toMatchObject({ code: "images/wrong-record-length" });
    await writeFile(file, Buffer.concat([cifarRecord(3), cifarRecord(10)]));
    const error = await failure(readImages([file]));
    expect(error).toMatchObject({ code: "images/bad-label", actual: "10" });
    expect(error.message).toContain("record 1");
  });
});

describe("parquet", () => {
  const path = (name: string): string => fixturePath(`${name}.parquet`);

  it("of Hugging Face's datasets", async () => {
    const images = await readImages([path("named")]);
    expect(images.classes).toEqual(["cat", "dog", "owl"]);
    expect([...images.labels]).toEqual([0, 1, 2, 1, 0]);
    for (const index of [4, 0, 2, 3, 1]) {
      const { data, height, width } = await images.pixels(index);
      expect([height, width]).toEqual([4, 4]);
      expect([...new Set(data)]).toEqual([40 * index]);
    }
    const reordered = await readImages([path("named")], { classes: ["owl", "dog", "cat"] });
    expect([...reordered.labels]).toEqual([2, 1, 0, 1, 2]);
  });

  it("with a column of bytes, gzip and no class names", async () => {
    const images = await readImages([path("plain")]);
    expect(images.classes).toEqual(["0", "1", "2"]);
    expect((await images.pixels(3)).data[0]).toBe(120);
    expect(images.nameOf(3)).toBe(`${path("plain")} row 3`);
    // names that are the numbers of other classes are names alone
    const digits = await readImages([path("plain")], { classes: ["2", "1", "0"] });
    expect([...digits.labels]).toEqual([2, 1, 0, 1, 2]);
    expect(await failure(readImages([path("plain")], { classes: ["1", "2", "3"] }))).toMatchObject({
      code: "images/unknown-class",
      actual: "0",
    });
    const named = await readImages([path("plain")], {
      classes: ["a", "b", "c"],
      columns: { label: "id" },
    });
    expect([...named.labels]).toEqual([0, 1, 2, 1, 0]);
    expect(await failure(readImages([path("plain")], { classes: ["a", "b"] }))).toMatchObject({
      code: "images/unknown-class",
      actual: "2",
    });
  });

  it("with labels that skip many numbers, but not with ones that no set of images has", async () => {
    const wide = await readImages([path("wide")]);
    expect(wide.classes).toHaveLength(900_001);
    expect([...wide.labels]).toEqual([0, 900_000]);
    expect(await failure(readImages([path("beyond")]))).toMatchObject({
      code: "images/bad-label",
      actual: String(2 ** 40),
    });
  });

  it("of any compression", async () => {
    const images = await readImages([path("zstd")]);
    expect([...images.labels]).toEqual([0, 1, 2, 1, 0]);
    expect((await images.pixels(3)).data[0]).toBe(120);
  });

  it("refuses what it cannot read, and names it", async () => {
    const missing = await failure(readImages([path("plain")], { columns: { image: "img" } }));
    expect(missing).toMatchObject({ code: "images/missing-column", actual: "image, labels, id" });
    const text = join(folder, "text.parquet");
    await writeFile(text, "no parquet at all");
    expect(await failure(readImages([text]))).toMatchObject({
      code: "images/bad-parquet",
      file: text,
    });
    const wrongLabel = await failure(readImages([path("plain")], { columns: { label: "image" } }));
    expect(wrongLabel).toMatchObject({ code: "images/bad-label" });
    const without = await readImages([path("missing")]);
    expect(await failure(without.pixels(1))).toMatchObject({ code: "images/missing-image" });
    const corrupt = await readImages([path("corrupt")]);
    expect(await failure(corrupt.pixels(1))).toMatchObject({
      code: "images/corrupt-image",
      file: `${path("corrupt")} row 1`,
    });
  });
});
