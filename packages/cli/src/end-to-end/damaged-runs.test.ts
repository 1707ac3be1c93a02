import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { temporaryBeside } from "@ligo/checkpoint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ligo, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import { checkpointsOf, ligoUntil, remainsOf, type Remains } from "./__fixtures__/tiny-runs.js";

/** A run that was stopped after step 9 with checkpoints of steps 4, 8 and 9, and what becomes of it. */
let stopped: string;
let argv: readonly string[];
let text: string;
let checkpoint: string;
let expected: Remains;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "ligo-damaged-"));
  ({ checkpoint, text } = await tinyModel(join(folder, "small")));
  argv = ["train", checkpoint, "--data", text, "--steps", "10", "--batch", "4"];
  const whole = join(folder, "whole");
  expect((await ligo([...argv, "--out", whole])).code).toBe(0);
  expected = remainsOf(whole);
  stopped = join(folder, "stopped");
  const saving = ["--save-every", "4", "--keep", "3", "--out", stopped];
  expect((await ligoUntil(9, [...argv, ...saving])).code).toBe(130);
  expect(Object.keys(checkpointsOf(stopped))).toEqual(["step-4", "step-8", "step-9"]);
}, 60_000);

afterAll(() => rmSync(dirname(stopped), { recursive: true }));

/** A copy of the run to damage. */
function copyOfRun(): string {
  const run = join(temporaryFolder(), "run");
  cpSync(stopped, run, { recursive: true });
  return run;
}

const step = (run: string, of: number, name = ""): string =>
  join(run, "checkpoints", `step-${of}`, name);

/** Changes a file's text. */
function rewrite(file: string, change: (contents: string) => string): void {
  writeFileSync(file, change(readFileSync(file, "utf8")));
}

/** Changes one bit in the middle of a file. */
function flip(file: string): void {
  const bytes = readFileSync(file);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

async function expectRefusal(
  run: string,
  code: string,
  words: readonly string[],
  more: readonly string[] = [],
): Promise<void> {
  const before = remainsOf(stopped);
  const ended = await ligo(["train", "--resume", run, ...more]);
  expect(ended.stderr).toContain(`error [${code}]`);
  for (const word of words) expect(ended.stderr).toContain(word);
  expect(ended.code).toBe(2);
  expect(existsSync(join(run, "run.lock"))).toBe(false);
  expect(remainsOf(stopped)).toEqual(before);
}

async function expectResumed(run: string): Promise<void> {
  const ended = await ligo(["train", "--resume", run]);
  expect(ended).toMatchObject({ code: 0 });
  expect(remainsOf(run)).toEqual(expected);
}

describe("a damaged checkpoint is named and not used:", () => {
  it.each<[string, (folder: string) => void, string]>([
    ["a changed bit in the weights", (at) => flip(join(at, "model.safetensors")), "model.safe"],
    ["a changed bit in the moments", (at) => flip(join(at, "optimizer.safetensors")), "optimizer"],
    ["weights cut off", (at) => truncateSync(join(at, "model.safetensors"), 900), "900 bytes of"],
    ["a missing file", (at) => rmSync(join(at, "optimizer.safetensors")), "is missing"],
    ["no state", (at) => rmSync(join(at, "state.json")), "state.json"],
    ["a state cut off", (at) => truncateSync(join(at, "state.json"), 100), "read as JSON"],
    [
      "a state that was edited",
      (at) => rewrite(join(at, "state.json"), (old) => old.replace('"step": 9', '"step": 8')),
      "was changed after it was written",
    ],
    [
      "a state of something else",
      (at) => writeFileSync(join(at, "state.json"), "{}"),
      "is no ligo.run-state",
    ],
    [
      "another step's checkpoint",
      (at) => {
        rmSync(at, { recursive: true });
        cpSync(join(at, "..", "step-8"), at, { recursive: true });
      },
      "holds a checkpoint of step 8",
    ],
  ])("%s", async (_what, damage, word) => {
    const run = copyOfRun();
    damage(step(run, 9));
    const advice = `Remove ${step(run, 9).replace(/\/$/, "")} and resume again: the run goes on from step 8`;
    await expectRefusal(run, "run/damaged-checkpoint", [step(run, 9), word, advice]);
    rmSync(step(run, 9), { recursive: true });
    await expectResumed(run);
  });

  it("another run's checkpoint", async () => {
    const run = copyOfRun();
    const folder = temporaryFolder();
    const other = join(folder, "other");
    await ligoUntil(9, [...argv, "--seed", "1", "--out", other]);
    rmSync(step(run, 9), { recursive: true });
    cpSync(step(other, 9), step(run, 9), { recursive: true });
    await expectRefusal(run, "run/damaged-checkpoint", ["is a checkpoint of another run"]);
  });

  it("and with the last one removed the run begins anew", async () => {
    const run = copyOfRun();
    for (const of of [4, 8]) rmSync(step(run, of), { recursive: true });
    flip(step(run, 9, "model.safetensors"));
    await expectRefusal(run, "run/damaged-checkpoint", ["begins anew"]);
    rmSync(step(run, 9), { recursive: true });
    await expectResumed(run);
  });
});

describe("what a killed process left half written", () => {
  it("is removed, and the last line of the metrics, torn, is cut off", async () => {
    const run = copyOfRun();
    cpSync(step(run, 9), join(run, "checkpoints", ".step-10.partial-123"), { recursive: true });
    cpSync(step(run, 4), join(run, "checkpoints", ".step-4.removed"), { recursive: true });
    mkdirSync(join(run, ".final"));
    // a process on this machine that is no more
    const lock = await temporaryBeside(join(run, "run.lock"));
    const { pid } = spawnSync(process.execPath, ["--version"]);
    writeFileSync(lock.replace(`-${process.pid}-`, `-${pid}-`), "");
    appendFileSync(join(run, "metrics.jsonl"), '{"step":10,"loss":4.6}\n{"step":11,"lo');
    await expectResumed(run);
    const names = [...readdirSync(run), ...readdirSync(join(run, "checkpoints"))];
    expect(names.filter((name) => name.startsWith("."))).toEqual([]);
  });

  it.each([["grow", "--to", TINY_TARGET, "--method", "stack"], ["train"]] as const)(
    "beside the output of %s is removed and named, and that of a running process stays",
    async (command, ...more) => {
      const out = join(temporaryFolder(), "out");
      const ours = await temporaryBeside(out);
      const { pid } = spawnSync(process.execPath, ["--version"]);
      const left = ours.replace(`-${process.pid}-`, `-${pid}-`);
      for (const folder of [ours, left]) mkdirSync(join(folder, "half"), { recursive: true });
      const data = command === "train" ? argv.slice(2) : [];
      const { code, stderr } = await ligo([command, checkpoint, ...data, ...more, "--out", out]);
      expect(code).toBe(0);
      expect(stderr).toContain(`Removed what a killed process left behind: ${left}.\n`);
      expect(readdirSync(dirname(out)).toSorted()).toEqual([basename(ours), "out"]);
    },
  );
});

describe("damaged metrics are named:", () => {
  it.each<[string, (file: string) => void, string]>([
    ["cut off", (file) => truncateSync(file, 100), "it has 100 bytes of"],
    ["emptied", (file) => truncateSync(file, 0), "it has 0 bytes of"],
    ["edited", (file) => rewrite(file, (old) => old.replace('"step":3', '"step":4')), "changed"],
  ])("%s", async (_what, damage, word) => {
    const run = copyOfRun();
    damage(join(run, "metrics.jsonl"));
    await expectRefusal(run, "run/damaged-metrics", [join(run, "metrics.jsonl"), word]);
  });

  it("without them the run goes on with its next lines", async () => {
    const run = copyOfRun();
    rmSync(join(run, "metrics.jsonl"));
    expect(await ligo(["train", "--resume", run])).toMatchObject({ code: 0 });
    expect(remainsOf(run)).toEqual({ ...expected, metrics: expected.metrics.slice(9) });
  });
});

describe("a run is refused that", () => {
  it.each<[string, (run: string) => void, string, string]>([
    ["is not there", (run) => rmSync(run, { recursive: true }), "run/not-a-run", "no run folder"],
    [
      "is a folder of something else",
      (run) => rmSync(join(run, "recipe.json")),
      "run/not-a-run",
      "recipe.json",
    ],
    [
      "has a recipe cut off",
      (run) => truncateSync(join(run, "recipe.json"), 200),
      "run/damaged-recipe",
      "read as JSON",
    ],
    [
      "has a recipe that was edited",
      (run) =>
        rewrite(join(run, "recipe.json"), (old) => old.replace('"steps": 10', '"steps": 12')),
      "run/damaged-recipe",
      "was changed after it was written",
    ],
    [
      "a later ligo began",
      (run) =>
        rewrite(join(run, "recipe.json"), (old) => old.replace('version": 1', 'version": 2')),
      "run/damaged-recipe",
      "format version 2",
    ],
  ])("%s", async (_what, damage, code, word) => {
    const run = copyOfRun();
    damage(run);
    await expectRefusal(run, code, [run, word]);
  });

  it("is of another command", async () => {
    const run = copyOfRun();
    const { code, stderr } = await ligo(["grow", "--resume", run]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`ligo train --resume ${run}`)]);
  });

  it("holds what is begun anew", async () => {
    const { code, stderr } = await ligo([...argv, "--out", stopped]);
    expect(code).toBe(2);
    expect(stderr).toContain(`error [run/exists]`);
    expect(stderr).toContain(`ligo train --resume ${stopped}`);
  });
});

describe("what went in must be what it was:", () => {
  it.each([
    [["--steps", "20"], "steps was 10 and is 20"],
    [["--lr", "1", "--seed", "7"], "seed was 0 and is 7; learning_rate was 0.0001 and is 1"],
    [["--engine", "reference"], 'engine was "onnx" and is "reference"'],
    [["--precision", "f16"], 'precision was "f32" and is "f16"'],
  ])("a setting, %j", async (given, words) => {
    await expectRefusal(copyOfRun(), "run/changed", [words], given);
  });

  /** The inputs, somewhere else. */
  function moved(): { small: string; data: string; paths: readonly string[] } {
    const folder = temporaryFolder();
    const [small, data] = [join(folder, "moved"), join(folder, "moved.txt")];
    cpSync(checkpoint, small, { recursive: true });
    cpSync(text, data);
    return { small, data, paths: [small, "--data", data] };
  }

  it("data", async () => {
    const { data, paths } = moved();
    rewrite(data, (old) => `${old}the cat sees the dog .\n`.repeat(2));
    await expectRefusal(copyOfRun(), "run/changed", ["data was"], paths);
  });

  it("the source's weights", async () => {
    const { small, paths } = moved();
    const file = join(small, "model.safetensors");
    const bytes = readFileSync(file);
    const last = bytes.length - 4;
    bytes.writeFloatLE(bytes.readFloatLE(last) + 1, last);
    writeFileSync(file, bytes);
    await expectRefusal(copyOfRun(), "run/changed", ["model.safetensors was"], paths);
  });

  it("the source's config", async () => {
    const { small, paths } = moved();
    rewrite(join(small, "config.json"), (old) => old.replace("0.02", "0.03"));
    await expectRefusal(copyOfRun(), "run/changed", ["config.json was"], paths);
  });

  it("but it may lie elsewhere, and be saved in another way", async () => {
    const { paths } = moved();
    const run = copyOfRun();
    const away = `${text}.away`;
    renameSync(text, away);
    try {
      await expectRefusal(run, "data/no-match", [text]);
      const saving = ["--save-every", "1", "--keep", "1"];
      const ended = await ligo(["train", "--resume", run, ...paths, ...saving]);
      expect(ended).toMatchObject({ code: 0 });
      expect(remainsOf(run)).toEqual(expected);
      expect(Object.keys(checkpointsOf(run))).toEqual(["step-10"]);
    } finally {
      renameSync(away, text);
    }
  });
});
