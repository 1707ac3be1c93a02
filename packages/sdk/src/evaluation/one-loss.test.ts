import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { describe, expect, it } from "vitest";
import { evaluate } from "../evaluate.js";
import type { EvaluationEvent, LigoEvent } from "../events.js";
import { grow } from "../grow.js";
import { train } from "../train.js";
import { verify } from "../verify.js";

const shared = { architectures: [bert], engine: "onnx", sequence: 8, cache: false } as const;
const to = { intermediate_size: 64 };

interface Files {
  readonly small: string;
  readonly text: string;
  readonly out: string;
}

async function files(copies = 1): Promise<Files> {
  const folder = temporaryFolder();
  const { checkpoint: small, text } = await tinyModel(join(folder, "small"));
  const sentences = readFileSync(text, "utf8");
  for (let copy = 1; copy < copies; copy++) appendFileSync(text, sentences);
  return { small, text, out: join(folder, "out") };
}

/** A loss does not depend on the sums that float32 is added up in but for this share of it. */
const ROUNDING = 1e-6;
const close = (one: number | undefined, other: number): void =>
  expect(Math.abs((one ?? Number.NaN) / other - 1)).toBeLessThan(ROUNDING);

describe("the loss of one model on one text", () => {
  it("is the same by train, grow, verify and eval, whatever the batch", async () => {
    const { out, small, text } = await files();
    const data = { ...shared, data: text, heldOut: 21 };
    const { heldOut } = await train(small, { ...data, batch: 4, accumulate: 2, steps: 1, out });
    expect(heldOut.judged).toEqual({ count: 21, among: 21, of: "blocks" });
    for (const batch of [1, 3, 8, 21, 32]) {
      const found = await evaluate(out, { ...data, batch });
      close(found.loss, heldOut.loss);
      expect(found).toMatchObject({ positions: heldOut.positions, judged: heldOut.judged });
    }
    for (const [batch, accumulate] of [
      [1, 1],
      [6, 2],
    ] as const) {
      const { losses } = await grow(out, { ...data, to, method: "stack", batch, accumulate });
      close(losses.small, heldOut.loss);
      expect(losses.judged).toEqual(heldOut.judged);
    }
    const { losses } = await verify(small, out, { ...data, batch: 5 });
    close(losses?.grown, heldOut.loss);
    expect(losses?.judged).toEqual(heldOut.judged);
  });

  it("is told with the part of the data that it is of", async () => {
    const { small, text } = await files(2);
    const data = { ...shared, data: text, heldOut: 600 };
    const part = { count: 512, among: 600, of: "blocks" };
    const events: EvaluationEvent[] = [];
    const onEvent = (event: LigoEvent): void => {
      if (event.type === "evaluation") events.push(event);
    };
    const trained = await train(small, { ...data, batch: 32, steps: 1, onEvent });
    expect(trained.heldOut.judged).toEqual(part);
    const { losses } = await grow(trained, { ...data, to, method: "stack", batch: 7, onEvent });
    close(losses.small, trained.heldOut.loss);
    expect(losses.judged).toEqual(part);
    expect(events.map(({ judged, of }) => [of, judged])).toEqual(
      ["trained", "source", "grown"].map((of) => [of, part]),
    );
    const verified = await verify(small, trained, data);
    close(verified.losses?.grown, trained.heldOut.loss);
    expect(verified.losses?.judged).toEqual(part);
    const all = { count: 600, among: 600, of: "blocks" };
    expect(await evaluate(trained, data)).toMatchObject({ blocks: 600, judged: all });
  });
});

describe("nothing to judge by", () => {
  it("is an error before anything is written", async () => {
    const { out, small, text } = await files();
    const unknown = join(out, "..", "unknown.txt");
    // more blocks than are judged by on the way, and not one known token
    writeFileSync(unknown, "ξ ".repeat(6 * 1030));
    const train1 = (evalData: string): Promise<unknown> =>
      train(small, { ...shared, data: text, evalData, batch: 4, steps: 1, out });
    const code = "sdk/nothing-known";
    await expect(train1(unknown)).rejects.toMatchObject({ code });
    await expect(evaluate(small, { ...shared, data: unknown, all: true })).rejects.toMatchObject({
      code,
    });
    expect(existsSync(out)).toBe(false);
    // the known token lies between the blocks that are judged by
    appendFileSync(unknown, "the ".repeat(6));
    await expect(train1(unknown)).rejects.toMatchObject({ code: "sdk/nothing-to-judge" });
  });
});
