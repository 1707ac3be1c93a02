import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomImages } from "./__fixtures__/random-images.js";
import { deitAugmentation, plainAugmentation, type Augmentation } from "./augmentation.js";
import { evaluationImageBatches, imageBatches, type ImageBatchOptions } from "./image-batches.js";
import { ImageError } from "./image-error.js";
import { createProcessor } from "./image-processor.js";
import { splitImages } from "./image-set.js";

const processor = createProcessor({ size: 8 });
const full: Augmentation = {
  ...deitAugmentation(8),
  crop: { kind: "resized", scale: [0.2, 1], ratio: [0.75, 4 / 3] },
};

describe("training batches", () => {
  const options: ImageBatchOptions = {
    batch: 4,
    seed: 5,
    processor,
    augmentation: full,
    stochasticDepth: { layers: 3, rate: 0.5 },
  };

  it("depend on the step alone, not on what was asked before", async () => {
    const images = randomImages(10);
    const inOrder = imageBatches(images, options);
    const sought = imageBatches(images, options);
    expect(inOrder.stepsPerEpoch).toBe(3);
    const steps = [0, 1, 2, 3, 4, 5, 6, 7];
    const expected = [];
    for (const step of steps) expected.push(await inOrder.at(step));
    for (const step of [7, 2, 2, 0, 5]) expect(await sought.at(step)).toEqual(expected[step]);
    const other = await imageBatches(images, { ...options, seed: 6 }).at(0);
    expect(other.pixel_values).not.toEqual(expected[0]?.pixel_values);
  });

  it("have the declared sizes and finite numbers", async () => {
    const batch = await imageBatches(randomImages(9), options).at(3);
    expect(batch.pixel_values).toHaveLength(4 * 3 * 8 * 8);
    expect(batch.labels).toHaveLength(4);
    expect(batch.label_distribution).toHaveLength(4 * 3);
    expect(batch.stochastic_depth).toHaveLength(3 * 4);
    expect(batch.pixel_values.every(Number.isFinite)).toBe(true);
  });

  it("show every image once in each epoch", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer(),
        async (count, batch, seed) => {
          const images = {
            ...randomImages(count),
            labels: Int32Array.from({ length: count }, (_, i) => i),
            classes: Array.from({ length: count }, String),
          };
          const batches = imageBatches(images, { batch, seed, processor });
          const seen: number[] = [];
          for (let step = 0; step * batch < 2 * count; step++)
            seen.push(...(await batches.at(step)).labels);
          for (const epoch of [0, 1]) {
            const labels = seen.slice(epoch * count, (epoch + 1) * count);
            expect(labels.toSorted((a, b) => a - b)).toEqual(
              Array.from({ length: count }, (_, i) => i),
            );
          }
        },
      ),
      { numRuns: 30, seed: 1 },
    );
  });

  it("without augmentation are the images as evaluated, with one-hot targets", async () => {
    const images = randomImages(3);
    const { pixel_values, labels, label_distribution } = await imageBatches(images, {
      batch: 3,
      seed: 0,
      processor,
    }).at(0);
    const plain = await evaluationImageBatches(images, { batch: 3, processor }).at(0);
    for (const [row, label] of labels.entries()) {
      // image and class have the same number here
      const size = 3 * 8 * 8;
      expect(pixel_values.subarray(row * size, (row + 1) * size)).toEqual(
        plain.pixel_values.subarray(label * size, (label + 1) * size),
      );
      expect([...label_distribution.subarray(3 * row, 3 * row + 3)]).toEqual(
        [0, 1, 2].map((one) => Number(one === label)),
      );
    }
  });

  it("mix pixels and targets alike", async () => {
    // images of one colour, that of their class: a mixed image tells its own shares
    const images = randomImages(6, { classes: 2 });
    const plain = {
      ...images,
      pixels: (index: number) =>
        Promise.resolve({
          width: 8,
          height: 8,
          channels: 3,
          data: new Uint8Array(192).fill(index % 2 === 0 ? 0 : 255),
        }),
    };
    for (const augmentation of [
      { mixup: 0.8 },
      { cutmix: 1 },
      { mixup: 0.8, cutmix: 1 },
    ] satisfies Augmentation[]) {
      const batches = imageBatches(plain, { batch: 4, seed: 3, processor, augmentation });
      let mixed = 0;
      for (let step = 0; step < 12; step++) {
        const { pixel_values, label_distribution } = await batches.at(step);
        for (let row = 0; row < 4; row++) {
          const values = pixel_values.subarray(row * 192, (row + 1) * 192);
          const mean = values.reduce((sum, value) => sum + value, 0) / 192;
          const share = label_distribution[2 * row + 1] as number;
          // black is -1 and white is 1
          expect(mean).toBeCloseTo(2 * share - 1, 5);
          expect((label_distribution[2 * row] as number) + share).toBeCloseTo(1, 6);
          mixed += Number(share > 0.01 && share < 0.99);
        }
      }
      expect(mixed).toBeGreaterThan(4);
    }
  });

  it("smooth labels", async () => {
    const { label_distribution, labels } = await imageBatches(randomImages(4), {
      batch: 2,
      seed: 1,
      processor,
      augmentation: { smoothing: 0.1 },
    }).at(0);
    for (const [row, label] of labels.entries()) {
      for (let one = 0; one < 3; one++) {
        const expected = 0.1 / 3 + (one === label ? 0.9 : 0);
        expect(label_distribution[3 * row + one]).toBeCloseTo(expected, 6);
      }
    }
  });

  it("leave out layers more and more often, and keep the mean", async () => {
    const batches = imageBatches(randomImages(64), {
      batch: 64,
      seed: 2,
      processor,
      stochasticDepth: { layers: 3, rate: 0.5 },
    });
    const sums = [0, 0, 0];
    const kept = [0, 0, 0];
    const steps = 40;
    for (let step = 0; step < steps; step++) {
      const factors = (await batches.at(step)).stochastic_depth ?? new Float32Array(0);
      for (let layer = 0; layer < 3; layer++) {
        for (const factor of factors.subarray(64 * layer, 64 * (layer + 1))) {
          sums[layer] = (sums[layer] as number) + factor / (64 * steps);
          kept[layer] = (kept[layer] as number) + Number(factor > 0) / (64 * steps);
        }
      }
    }
    // 2560 draws: the standard deviation of a share is below 0.01
    for (const [layer, share] of [1, 0.75, 0.5].entries()) {
      expect(kept[layer]).toBeGreaterThan(share - 0.04);
      expect(kept[layer]).toBeLessThan(share + 0.04);
      expect(sums[layer]).toBeCloseTo(1, 0);
    }
    expect(kept[0]).toBeCloseTo(1, 9);
  });

  it("refuse bad options by name", () => {
    const images = randomImages(4);
    const bad = (changes: Partial<ImageBatchOptions>, name: string): void => {
      expect(() => imageBatches(images, { ...options, ...changes })).toThrow(
        new RegExp(`^\`${name}\` is `, "u"),
      );
    };
    bad({ batch: 0 }, "batch");
    bad({ batch: 3 }, "batch");
    bad({ augmentation: { flip: 2 } }, "flip");
    bad({ augmentation: { mixup: -1 } }, "mixup");
    bad({ augmentation: { crop: { kind: "resized", scale: [0.9, 0.1], ratio: [1, 1] } } }, "scale");
    bad({ stochasticDepth: { layers: 2, rate: 1 } }, "rate");
    expect(() => imageBatches({ ...images, count: 0 }, options)).toThrow(ImageError);
  });
});

describe("augmentation", () => {
  it("moves and mirrors images, but makes up no colour", async () => {
    const images = randomImages(1, { side: 32 });
    const values = new Set((await images.pixels(0)).data);
    const batches = imageBatches(images, {
      batch: 8,
      seed: 1,
      processor: {
        ...createProcessor({ size: 32 }),
        mean: [0, 0, 0],
        deviation: [1, 1, 1],
        rescale: 1,
      },
      augmentation: plainAugmentation(32),
    });
    const { pixel_values } = await batches.at(0);
    expect(pixel_values.every((value) => value === 0 || values.has(value))).toBe(true);
    const rows = Array.from({ length: 8 }, (_, row) =>
      pixel_values.subarray(row * 3072, (row + 1) * 3072).join(),
    );
    expect(new Set(rows).size).toBeGreaterThan(5);
  });

  it("erases a part of some images", async () => {
    const images = randomImages(40, { side: 16 });
    const grey = {
      ...images,
      pixels: () =>
        Promise.resolve({
          width: 16,
          height: 16,
          channels: 3,
          data: new Uint8Array(768).fill(100),
        }),
    };
    const { pixel_values } = await imageBatches(grey, {
      batch: 40,
      seed: 1,
      processor: createProcessor({ size: 16 }),
      augmentation: { erasing: 0.5 },
    }).at(0);
    const plain = pixel_values.find(
      (_, index, all) => all.filter((value) => value === all[index]).length > 100,
    );
    const shares = Array.from(
      { length: 40 },
      (_, row) =>
        pixel_values.subarray(row * 768, (row + 1) * 768).filter((value) => value !== plain)
          .length / 768,
    );
    expect(shares.filter((share) => share > 0).length).toBeGreaterThan(10);
    expect(shares.filter((share) => share === 0).length).toBeGreaterThan(10);
    // 2 to 33 % of the area, before rounding to whole pixels
    expect(Math.max(...shares)).toBeLessThan(0.37);
  });
});

describe("evaluation batches", () => {
  it("show every image once, and mark what fills up the last", async () => {
    const images = randomImages(5);
    const batches = evaluationImageBatches(images, { batch: 2, processor });
    expect(batches.count).toBe(3);
    const labels: number[] = [];
    for (let index = 0; index < batches.count; index++)
      labels.push(...(await batches.at(index)).labels);
    expect(labels).toEqual([0, 1, 2, 0, 1, -100]);
    await expect(batches.at(3)).rejects.toThrow(ImageError);
  });

  it("spread a limit over the set", async () => {
    const batches = evaluationImageBatches(
      { ...randomImages(8), labels: Int32Array.from({ length: 8 }, (_, i) => i) },
      { batch: 4, processor, limitImages: 4 },
    );
    expect(batches.count).toBe(1);
    expect([...(await batches.at(0)).labels]).toEqual([0, 2, 4, 6]);
  });
});

describe("splitting", () => {
  it("keeps the parts apart and the classes alike", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        fc.integer(),
        (count, heldOut, seed) => {
          const images = randomImages(count, { side: 1 });
          const { train, heldOut: held } = splitImages(images, { heldOut, seed });
          const names = [train, held].flatMap((part) =>
            Array.from({ length: part.count }, (_, index) => part.nameOf(index)),
          );
          expect(new Set(names).size).toBe(count);
          expect(names).toHaveLength(count);
          for (let label = 0; label < 3; label++) {
            const share = held.labels.filter((one) => one === label).length;
            expect(
              Math.abs(
                share - (held.count * images.labels.filter((one) => one === label).length) / count,
              ),
            ).toBeLessThan(2);
          }
        },
      ),
      { seed: 1 },
    );
  });

  it("leaves something to train on", () => {
    const images = randomImages(3);
    expect(() => splitImages(images, { heldOut: 3, seed: 1 })).toThrow(
      /holding out 3 leaves none/u,
    );
    expect(() => splitImages(images, { heldOut: 1.5, seed: 1 })).toThrow(ImageError);
  });
});
