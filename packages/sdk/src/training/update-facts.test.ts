import { describe, expect, it } from "vitest";
import { checkLoss, checkUpdate } from "./diverged.js";
import { updateFacts, updateMetrics } from "./update-facts.js";

const skipped = {
  loss: 2,
  gradientNorm: Number.POSITIVE_INFINITY,
  lossScale: 2 ** 15,
  skippedSteps: 3,
};

describe("facts of an update", () => {
  it("are those of float32, and no more", () => {
    const result = { loss: 2, gradientNorm: 0.5 };
    expect(updateFacts(result)).toEqual(result);
    expect(updateMetrics(result)).toEqual({ loss: 2, gradient_norm: 0.5 });
  });

  it("hold the scale in half precision, and leave out a norm that is no number", () => {
    const scale = { loss_scale: 2 ** 15, skipped: 3 };
    expect(updateFacts(skipped)).toEqual({ loss: 2 });
    expect(updateMetrics(skipped)).toEqual({ loss: 2, ...scale });
    const counted = { ...skipped, gradientNorm: 0.5 };
    expect(updateFacts(counted)).toEqual({ loss: 2, gradientNorm: 0.5 });
    expect(updateMetrics(counted)).toEqual({ loss: 2, gradient_norm: 0.5, ...scale });
  });
});

describe("a check of an update", () => {
  const codeOf = (check: () => void): unknown => {
    try {
      check();
    } catch (error) {
      return error;
    }
    return undefined;
  };
  const diverged = { code: "run/diverged" };

  it("lets skipped updates pass until the scale is too small", () => {
    expect(codeOf(() => checkUpdate(skipped, 4))).toBeUndefined();
    expect(codeOf(() => checkUpdate({ ...skipped, lossScale: 2 ** -13 }, 4))).toBeUndefined();
    expect(codeOf(() => checkUpdate({ ...skipped, lossScale: 2 ** -14 }, 4))).toMatchObject({
      ...diverged,
      message:
        "The norm of the gradient of step 4 is Infinity: training diverged. Use a smaller `learningRate` or a longer " +
        '`warmup`. Numbers may also be too large for half precision: `precision: "f32"` has room for them.',
    });
  });

  it("refuses losses that are no numbers, and in float32 such norms too", () => {
    const [loss, gradientNorm] = [Number.NaN, Number.NaN];
    expect(codeOf(() => checkUpdate({ ...skipped, loss }, 4))).toMatchObject(diverged);
    expect(codeOf(() => checkUpdate({ loss: 2, gradientNorm }, 4))).toMatchObject({
      ...diverged,
      message:
        "The norm of the gradient of step 4 is NaN: training diverged. Use a smaller `learningRate` or a longer `warmup`.",
    });
    expect(codeOf(() => checkUpdate({ loss: 2, gradientNorm: 1 }, 4))).toBeUndefined();
    expect(codeOf(() => checkLoss(loss, 4))).toMatchObject(diverged);
    expect(codeOf(() => checkLoss(2, 4))).toBeUndefined();
  });
});
