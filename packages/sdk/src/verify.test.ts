import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bert } from "@ligo/bert";
import { vit } from "@ligo/vit";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { describe, expect, it } from "vitest";
import type { LigoEvent } from "./events.js";
import { grow } from "./grow.js";
import { verify } from "./verify.js";

const shared = { architectures: [bert, vit], engine: "onnx" } as const;

/** A listener, and the phases and steps it was told of. */
function told() {
  const events: LigoEvent[] = [];
  return {
    onEvent: (event: LigoEvent): void => void events.push(event),
    phases: () => events.flatMap((event) => (event.type === "phase" ? [event.phase] : [])),
    steps: () => events.flatMap((event) => (event.type === "progress" ? [event] : [])),
  };
}

describe("the events of verify", () => {
  it("tell of both forward passes, then of the batches that each model is judged by", async () => {
    const { checkpoint, text } = await tinyModel(join(temporaryFolder(), "small"));
    const data = { data: text, sequence: 8, batch: 5, heldOut: 20, cache: false } as const;
    const grown = await grow(checkpoint, { ...shared, to: "2x", method: "stack" });
    const { onEvent, phases, steps } = told();
    const { losses } = await verify(checkpoint, grown, { ...shared, ...data, onEvent });
    expect(losses?.judged?.count).toBe(20);
    expect(phases()).toEqual(["forward", "evaluate"]);
    const batches = [1, 2, 3, 4].map((step) => ["evaluate", step, 4]);
    expect(steps().map(({ phase, step, steps: all }) => [phase, step, all])).toEqual([
      ["forward", 1, 2],
      ["forward", 2, 2],
      ...batches,
      ...batches,
    ]);
    for (const { unit, unitsPerSecond } of steps()) {
      expect(unit).toBe("tokens");
      expect(unitsPerSecond).toBeGreaterThan(0);
    }
    // the grown model is in the forecast while the small one is judged
    const left = steps().flatMap(({ overallSecondsLeft }) => overallSecondsLeft ?? []);
    expect(left.length).toBe(2 * batches.length);
    for (const seconds of left.slice(0, -1)) expect(seconds).toBeGreaterThan(0);
    expect(left.at(-1)).toBe(0);
  });

  it("count images where a model takes them", async () => {
    const small = fileURLToPath(new URL("../../vit/src/__fixtures__/vit-model", import.meta.url));
    const { onEvent, phases, steps } = told();
    await verify(small, small, { ...shared, onEvent });
    expect(phases()).toEqual(["forward"]);
    expect(steps().map(({ unit }) => unit)).toEqual(["images", "images"]);
  });

  it("end it where a listener throws", async () => {
    const { checkpoint } = await tinyModel(join(temporaryFolder(), "small"));
    const failure = new Error("the listener fails");
    const onEvent = ({ type }: LigoEvent): void => {
      if (type === "progress") throw failure;
    };
    await expect(verify(checkpoint, checkpoint, { ...shared, onEvent })).rejects.toBe(failure);
  });
});
