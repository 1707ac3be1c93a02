import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ImageError } from "./image-error.js";
import { createProcessor, fitPixels } from "./image-processor.js";
import { loadProcessor, parseProcessor, processorConfig } from "./processor-config.js";

describe("parseProcessor", () => {
  it("takes sizes in all their forms", () => {
    const square = { height: 32, width: 32 };
    expect(parseProcessor({ size: 32 })).toMatchObject({
      resize: square,
      crop: undefined,
      size: square,
    });
    expect(parseProcessor({ size: square, resample: 3 })).toMatchObject({
      size: square,
      resampling: "bicubic",
    });
    expect(
      parseProcessor({ size: { shortest_edge: 40 }, do_center_crop: true, crop_size: 32 }),
    ).toMatchObject({
      resize: { shortestEdge: 40 },
      crop: square,
      size: square,
    });
    expect(parseProcessor({ feature_extractor_type: "DeiTFeatureExtractor" })).toMatchObject({
      resize: { height: 256, width: 256 },
      size: { height: 224, width: 224 },
      resampling: "bicubic",
    });
    expect(parseProcessor({ size: 8, do_normalize: false, do_rescale: false })).toMatchObject({
      rescale: 1,
      mean: [0, 0, 0],
      deviation: [1, 1, 1],
    });
  });

  it.each([
    [{ size: { shortest_edge: 40 } }, "one size"],
    [{ size: 0 }, "size"],
    [{ resample: 9 }, "resample"],
    [{ image_mean: [0.5, 0.5] }, "image_mean"],
    [{ image_std: [0.5, 0, 0.5] }, "deviation of 0"],
    [[], "object"],
  ])("refuses %j", (raw, reason) => {
    expect(() => parseProcessor(raw, "a/file.json")).toThrow(ImageError);
    expect(() => parseProcessor(raw, "a/file.json")).toThrow(
      new RegExp(`a/file.json .*${reason}`, "su"),
    );
  });

  it("keeps the aspect where only the shorter side is given", () => {
    const processor = parseProcessor({
      size: { shortest_edge: 10 },
      do_center_crop: true,
      crop_size: { height: 10, width: 12 },
    });
    const wide = fitPixels(
      { width: 40, height: 20, channels: 3, data: new Uint8Array(2400).fill(9) },
      processor,
    );
    expect([wide.width, wide.height]).toEqual([12, 10]);
    expect(new Set(wide.data)).toEqual(new Set([9]));
  });

  it("makes grey images for a processor of one channel", () => {
    const processor = createProcessor({ size: 2, channels: 1 });
    const image = fitPixels(
      { width: 4, height: 4, channels: 3, data: new Uint8Array(48).fill(7) },
      processor,
    );
    expect(image).toMatchObject({ channels: 1, width: 2, height: 2 });
    expect(parseProcessor(processorConfig(processor))).toEqual(processor);
  });
});

describe("loadProcessor", () => {
  it("reads a folder or a file, and says where there is none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ligo-processor-"));
    try {
      expect(await loadProcessor(folder)).toBeUndefined();
      const file = join(folder, "preprocessor_config.json");
      await writeFile(file, JSON.stringify(processorConfig(createProcessor({ size: 16 }))));
      expect(await loadProcessor(folder)).toEqual(createProcessor({ size: 16 }));
      expect(await loadProcessor(file)).toEqual(createProcessor({ size: 16 }));
      await writeFile(file, "{");
      await expect(loadProcessor(folder)).rejects.toThrow(ImageError);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
