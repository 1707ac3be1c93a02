import { readFileSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { beforeEach, expect, it, vi } from "vitest";
import type { LigoEvent } from "../events.js";
import { resume } from "../resume.js";
import { train } from "../train.js";

/** A disk that refuses to append lines, to all files or to some. */
const disk = vi.hoisted(() => ({ refuses: (_file: string): boolean => false }));

vi.mock("node:fs/promises", async (importOriginal) => {
  const original = await importOriginal<typeof import("node:fs/promises")>();
  const open = async (...args: Parameters<typeof original.open>): Promise<FileHandle> => {
    const handle = await original.open(...args);
    const { appendFile } = handle;
    handle.appendFile = async (bytes) => {
      if (!disk.refuses(String(args[0]))) return appendFile.call(handle, bytes);
      await appendFile.call(handle, Buffer.from(bytes as Uint8Array).subarray(0, 7));
      throw Object.assign(new Error("EDQUOT: no more"), { code: "EDQUOT" });
    };
    return handle;
  };
  return { ...original, open };
});

beforeEach(() => {
  disk.refuses = () => false;
});

const architectures = [bert];

/** Lines of metrics without times. */
const stepsOf = (run: string): unknown =>
  readFileSync(join(run, "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const { loss, step } = JSON.parse(line) as Record<string, unknown>;
      return [step, loss];
    });

async function trainings() {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  const whole = join(folder, "whole");
  const settings = { architectures, data: [text], steps: 8, batch: 2, evaluateEvery: 4 };
  await train(checkpoint, { ...settings, out: whole });
  return { checkpoint, settings, expected: stepsOf(whole), out: join(folder, "out") };
}

const warningsOf = (events: readonly LigoEvent[]): unknown =>
  events.flatMap((event) =>
    event.type === "warning" && event.code === "metrics-unwritten"
      ? [[event.file.replace(/^.*\//, "").split(".")[0], event.reason, event.lost]]
      : [],
  );

it("a run goes on while its metrics cannot be written, and writes them when they can", async () => {
  const { checkpoint, expected, out, settings } = await trainings();
  const events: LigoEvent[] = [];
  const onEvent = (event: LigoEvent): void => {
    events.push(event);
    if (event.type !== "step" || event.phase !== "train") return;
    disk.refuses = () => event.step >= 2 && event.step < 6;
  };
  await train(checkpoint, { ...settings, out, onEvent });
  expect(stepsOf(out)).toEqual(expected);
  expect(warningsOf(events)).toEqual([
    ["metrics", "EDQUOT", false],
    ["events", "EDQUOT", false],
  ]);
});

it("a run that is stopped meanwhile remembers them in its checkpoint", async () => {
  const { checkpoint, expected, out, settings } = await trainings();
  const stop = new AbortController();
  const onEvent = (event: LigoEvent): void => {
    if (event.type !== "step" || event.phase !== "train") return;
    disk.refuses = () => event.step >= 2;
    if (event.step === 5) stop.abort();
  };
  const stopped = train(checkpoint, { ...settings, out, onEvent, signal: stop.signal });
  await expect(stopped).rejects.toMatchObject({ code: "run/interrupted" });
  disk.refuses = () => false;
  await resume(out, { architectures });
  expect(stepsOf(out)).toEqual(expected);
});

it("a run whose metrics cannot be written to its end says that lines are lost", async () => {
  const { checkpoint, out, settings } = await trainings();
  const events: LigoEvent[] = [];
  const onEvent = (event: LigoEvent): void => {
    events.push(event);
    if (event.type === "step" && event.step >= 5) disk.refuses = (file) => file.includes("metrics");
  };
  const { steps } = await train(checkpoint, { ...settings, out, onEvent });
  expect(steps).toBe(8);
  expect(warningsOf(events)).toEqual([
    ["metrics", "EDQUOT", false],
    ["metrics", "EDQUOT", true],
  ]);
});
