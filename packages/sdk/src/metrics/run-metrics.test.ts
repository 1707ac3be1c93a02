import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bert } from "@ligo/bert";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import type { LigoEvent } from "../events.js";
import { grow } from "../grow.js";
import { resume } from "../resume.js";
import { train } from "../train.js";
import { bytesOf, readEvents, wallTimeOf } from "./__fixtures__/read-events.js";

const eventFiles = (run: string): string[] =>
  readdirSync(run)
    .filter((name) => name.includes("tfevents"))
    .toSorted()
    .map((name) => join(run, name));

/** Step and scalars of every line of a run's metrics, as event files should have them. */
function linesOf(run: string, tags: Readonly<Record<string, string>>) {
  const lines = readFileSync(join(run, "metrics.jsonl"), "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const { step, ...numbers } = JSON.parse(line) as Record<string, number>;
    const values = Object.entries(numbers).map(([name, value]): [string, number] => [
      tags[name] ?? `no tag for ${name}`,
      value,
    ]);
    return { step: step ?? Number.NaN, values: Object.fromEntries(values) };
  });
}

const TAGS = {
  tokens: "spent/tokens",
  flops: "spent/flops",
  seconds: "spent/seconds",
  tokens_per_second: "speed/tokens_per_second",
  seconds_left: "speed/seconds_left",
  held_out_loss: "held_out/loss",
  held_out_perplexity: "held_out/perplexity",
  held_out_accuracy: "held_out/accuracy",
};
const tagsOf = (phase: string): Readonly<Record<string, string>> => ({
  ...TAGS,
  loss: `${phase}/loss`,
  gradient_norm: `${phase}/gradient_norm`,
  learning_rate: `${phase}/learning_rate`,
});

/** An event file without the two events that open it. */
function scalarsOf(file: string): readonly Buffer[] {
  const [version, start, ...events] = readEvents(file);
  expect(version?.includes("brain.Event:2")).toBe(true);
  expect(start?.length).toBeLessThan(20);
  return events;
}

describe("a run", () => {
  const architectures = [bert];

  it.each(["train", "learn"])("has the metrics of %s in an event file too", async (phase) => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    const run = { architectures, data: [text], out, steps: 4, batch: 2 };
    await (phase === "train"
      ? train(checkpoint, { ...run, evaluateEvery: 2 })
      : grow(checkpoint, { ...run, to: TINY_TARGET, evaluate: false }));
    const [file = "", ...others] = eventFiles(out);
    expect(others).toEqual([]);
    const events = scalarsOf(file);
    const lines = linesOf(out, tagsOf(phase));
    expect(events).toEqual(
      lines.map((line, index) =>
        bytesOf({ wallTime: wallTimeOf(events[index] ?? Buffer.alloc(9)), ...line }),
      ),
    );
  });

  it("that is resumed goes on in another event file, from the step it is resumed at", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    const interrupt = new AbortController();
    const onEvent = (event: LigoEvent): void => {
      if (event.type === "step" && event.step === 3) interrupt.abort();
    };
    const run = { architectures, data: [text], out, steps: 10, batch: 2 };
    const stopped = train(checkpoint, { ...run, onEvent, signal: interrupt.signal });
    await expect(stopped).rejects.toMatchObject({ code: "run/interrupted" });
    await resume(out, { architectures });
    const [first = "", second = "", ...others] = eventFiles(out);
    expect(others).toEqual([]);
    expect(scalarsOf(first)).toHaveLength(3);
    // seven steps and the evaluation at the end
    expect(scalarsOf(second)).toHaveLength(8);
    const [, start = Buffer.alloc(9)] = readEvents(second);
    expect(start).toEqual(bytesOf({ wallTime: wallTimeOf(start), step: 4, start: true }));
  });
});
