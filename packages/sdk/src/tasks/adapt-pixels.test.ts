import { describe, expect, it } from "vitest";
import { pixelAdapter, type Normalisation } from "./adapt-pixels.js";

const half: Normalisation = { rescale: 1 / 255, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };
const imagenet: Normalisation = {
  rescale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};
const bytes: Normalisation = { rescale: 1, mean: [0, 0, 0], deviation: [1, 1, 1] };

/** Two images of 2 pixels in 3 channels. */
const BYTES = [0, 255, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
const normalised = ({ rescale, mean, deviation }: Normalisation): Float32Array =>
  Float32Array.from(BYTES, (byte, index) => {
    const channel = Math.floor(index / 2) % 3;
    return (byte * rescale - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
  });

describe("pixelAdapter", () => {
  it.each([
    [half, imagenet],
    [imagenet, half],
    [imagenet, bytes],
    [bytes, imagenet],
  ])("gives what the other processor would have made of the same bytes", (from, to) => {
    const adapted = pixelAdapter(from, to, 2)(normalised(from));
    // float32 numbers of up to 255, normalised twice
    expect(adapted).toBeAllClose(normalised(to), { absolute: 2e-5, relative: 1e-5 });
  });

  it("hands pixels back as they are where nothing changes", () => {
    const pixels = normalised(half);
    expect(pixelAdapter(half, { ...half }, 2)(pixels)).toBe(pixels);
  });
});
