import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "@ligo/checkpoint";
import { describe, expect, it } from "vitest";
import { ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import type { GrowResult, TrainResult } from "../__fixtures__/json-results.js";
import type { StepMetrics } from "@ligo/sdk/runs";

/** A line of a run's metrics: a step, or an evaluation, which has no learning rate. */
type Line = Partial<StepMetrics>;

/** A model, and a way to train it in the same folder. */
async function tiny(keys: Readonly<Record<string, unknown>> = {}) {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"), keys);
  const argv = (out: string, ...more: string[]): string[] =>
    ["train", checkpoint, "--data", text, "--out", join(folder, out), "--batch", "4"].concat(more);
  const train = async (out: string, ...more: string[]): Promise<TrainResult> =>
    ligoJson<TrainResult>(argv(out, "--steps", "3", ...more));
  const lines = (out: string): Line[] =>
    readFileSync(join(folder, out, "metrics.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
  const rates = (out: string): number[] =>
    lines(out).flatMap(({ learning_rate: rate }) => rate ?? []);
  /** Settings as a file of a run has them. */
  const recorded = (out: string, name: string): Readonly<Record<string, unknown>> => {
    const file = readFileSync(join(folder, out, name), "utf8");
    return (JSON.parse(file) as { settings: Readonly<Record<string, unknown>> }).settings;
  };
  return { argv, checkpoint, folder, lines, rates, recorded, text, train };
}

/** All tensors of a checkpoint. */
async function tensorsOf(folder: string): Promise<Map<string, Float32Array>> {
  const checkpoint = await openCheckpoint(folder);
  try {
    const tensors = new Map<string, Float32Array>();
    for (const name of checkpoint.headers.keys()) tensors.set(name, await checkpoint.read(name));
    return tensors;
  } finally {
    await checkpoint.close();
  }
}

describe("ligo train", () => {
  it("drops by the config's rates, by another, or not at all", async () => {
    const { train } = await tiny();
    const config = await train("config");
    expect((await train("again")).loss).toBe(config.loss);
    const none = await train("none", "--dropout", "0");
    const half = await train("half", "--dropout", "0.5");
    expect(new Set([config.loss, none.loss, half.loss]).size).toBe(3);
    // the same model is judged the same: nothing is dropped in evaluation
    expect(half.held_out.positions).toBe(none.held_out.positions);
  });

  it("follows a schedule to its end", async () => {
    const { rates, train } = await tiny();
    await train("run", "--lr", "1e-2", "--warmup", "1", "--schedule", "cosine", "--end-lr", "1e-3");
    // one step of warm-up, then half a wave of two steps from 1e-2 to 1e-3
    expect(rates("run")).toBeAllClose([1e-2, 1e-2, 5.5e-3], { absolute: 1e-12 });
    await train("constant", "--lr", "1e-2", "--warmup", "0", "--schedule", "constant");
    expect(rates("constant")).toEqual([1e-2, 1e-2, 1e-2]);
  });

  it.each([[], ["--accumulate", "2"]])(
    "goes on where another run ended: data, masks, dropout and learning rate (%j)",
    async (...more) => {
      const { argv, folder, lines } = await tiny();
      // too small a rate to move any weight: losses differ by what is seen and dropped alone
      const still = ["--lr", "1e-30", "--warmup", "3", "--save-every", "4", ...more];
      await ligoJson(argv("whole", ...still, "--steps", "8"));
      await ligoJson(argv("first", ...still, "--steps", "4", "--schedule-steps", "8"));
      const begun = ["--steps-before", "4", "--schedule-steps", "8"];
      const second = argv("second", ...still, "--steps", "4", ...begun);
      second[1] = join(folder, "first");
      await ligoJson(second);
      const whole = lines("whole").filter(({ learning_rate: rate }) => rate !== undefined);
      const parts = ["first", "second"].map((out) =>
        lines(out).filter(({ learning_rate: rate }) => rate !== undefined),
      );
      expect(parts.map((part) => part.map(({ step }) => step))).toEqual([
        [1, 2, 3, 4],
        [1, 2, 3, 4],
      ]);
      const seen = (all: readonly Line[]): readonly unknown[] =>
        all.map(({ loss, gradient_norm: norm, learning_rate: rate }) => [loss, norm, rate]);
      expect(seen(parts.flat())).toEqual(seen(whole));
      // no two steps are alike, so that the order matters
      expect(new Set(whole.map(({ loss }) => loss)).size).toBe(8);
    },
  );

  it("is stacked in the middle of a schedule, and trains the layers on top", async () => {
    const { argv, folder, rates, train } = await tiny();
    const schedule = ["--lr", "1e-2", "--warmup", "2", "--schedule-steps", "6"];
    await train("shallow", ...schedule);
    const stacked = join(folder, "stacked");
    const to = JSON.stringify({ num_hidden_layers: 2 });
    const shallow = join(folder, "shallow");
    await ligoJson(["grow", shallow, "--to", to, "--method", "stack", "--out", stacked]);
    const on = argv("deep", "--steps", "3", "--steps-before", "3", ...schedule);
    on[1] = stacked;
    const freeze = ["bert.embeddings.*", "bert.encoder.layer.0.*"];
    const deep = await ligoJson<TrainResult>([...on, "--freeze", ...freeze]);
    expect(deep.steps).toBe(3);
    expect([...rates("shallow"), ...rates("deep")]).toBeAllClose(
      [0.005, 0.01, 0.01, 0.0075, 0.005, 0.0025],
      { absolute: 1e-12 },
    );
    const before = await tensorsOf(stacked);
    const after = await tensorsOf(join(folder, "deep"));
    for (const [name, data] of before) {
      if (/embeddings|layer\.0\./u.test(name)) expect(after.get(name), name).toEqual(data);
      if (/layer\.1\..*weight/u.test(name)) expect(after.get(name), name).not.toEqual(data);
    }
  });

  it("warms up over a tenth of its schedule, not of the run", async () => {
    const { argv, rates } = await tiny();
    const middle = ["--steps", "3", "--steps-before", "2", "--schedule-steps", "40"];
    await ligoJson(argv("run", "--lr", "1e-2", ...middle));
    expect(rates("run")).toBeAllClose([0.0075, 0.01, 0.01], { absolute: 1e-12 });
    await ligoJson(argv("own", "--lr", "1e-2", "--steps", "10", "--steps-before", "10"));
    expect(rates("own")[0]).toBeCloseTo((0.01 * 10) / 18, 12);
  });

  it("skips tokens and layers, and is paid for what is computed", async () => {
    const { recorded, train } = await tiny({ num_hidden_layers: 4, hidden_dropout_prob: 0 });
    const plain = await train("plain");
    const tokens = await train("tokens", "--drop-tokens", "0.25");
    const layers = await train("layers", "--drop-layers", "0.5");
    expect(new Set([plain.loss, tokens.loss, layers.loss]).size).toBe(3);
    // nothing is dropped in evaluation
    expect(layers.held_out.positions).toBe(plain.held_out.positions);
    // twelve of sixteen tokens in two layers of four; one sequence less of four in the second, and two in the others behind
    expect(tokens.flops / plain.flops).toBeGreaterThan(0.8);
    expect(tokens.flops / plain.flops).toBeLessThan(0.95);
    expect(layers.flops / plain.flops).toBeGreaterThan(0.6);
    expect(layers.flops / plain.flops).toBeLessThan(0.8);
    const both = await train("both", "--drop-tokens", "0.25", "--drop-layers", "0.5");
    expect(both.flops).toBeLessThan(Math.min(tokens.flops, layers.flops));
    for (const name of ["ligo.json", "recipe.json"]) {
      expect(recorded("both", name)).toMatchObject({ drop_tokens: 0.25, drop_layers: 0.5 });
      expect(recorded("plain", name)).toMatchObject({ drop_tokens: null, drop_layers: null });
    }
  });

  it("refuses to skip where nothing would be skipped", async () => {
    const { argv } = await tiny();
    const shallow = await ligo(argv("a", "--drop-tokens", "0.5"));
    expect(shallow.stderr).toMatch(/sdk\/nothing-dropped.*between the first and the last/);
    const few = await ligo(argv("b", "--drop-layers", "0.1"));
    expect(few.stderr).toMatch(/sdk\/nothing-dropped.*0\.1 of 4/);
    expect([shallow.code, few.code]).toEqual([2, 2]);
  });

  it("updates by LAMB, and leaves frozen parameters as they are", async () => {
    const { checkpoint, folder, train } = await tiny();
    const adamw = await train("adamw", "--dropout", "0");
    const lamb = await train(
      "lamb",
      "--dropout",
      "0",
      "--optimizer",
      "lamb",
      "--freeze",
      "bert.embeddings.*",
      "cls.*",
    );
    expect(lamb.loss).not.toBe(adamw.loss);
    const [before, after] = [await tensorsOf(checkpoint), await tensorsOf(join(folder, "lamb"))];
    for (const [name, data] of before) {
      const isFrozen = /^(?:bert\.embeddings|cls)\./u.test(name);
      if (isFrozen) expect(after.get(name), name).toEqual(data);
      else expect(after.get(name), name).not.toEqual(data);
    }
  });

  it("moves the matrices of layers by Muon under a late decay, and goes on where it was stopped", async () => {
    const { argv, folder, rates } = await tiny();
    const schedule = ["--schedule", "wsd", "--decay-steps", "0.5", "--decay-shape", "linear"];
    const flags = ["--steps", "4", "--optimizer", "muon", "--momentum", "0.9", ...schedule];
    const often = ["--lr", "1e-2", "--warmup", "0", "--save-every", "1", "--eval-every", "1"];
    const run = (out: string): string[] => argv(out, ...flags, ...often);
    await ligoJson(run("whole"));
    expect(rates("whole")).toBeAllClose([1e-2, 1e-2, 1e-2, 5e-3], { absolute: 1e-12 });
    const stop = new AbortController();
    const stopped = await ligo(run("stopped"), {
      signal: stop.signal,
      stderr: (text) => {
        if (text.includes("step 2: held-out loss")) stop.abort(new Error("stopped"));
      },
    });
    expect(stopped.code).toBe(130);
    await ligoJson(["train", "--resume", join(folder, "stopped")]);
    expect(await tensorsOf(join(folder, "stopped"))).toEqual(
      await tensorsOf(join(folder, "whole")),
    );
  });

  it("refuses Muon where it has nothing to move, and its momentum without it", async () => {
    const { argv, checkpoint, folder, text } = await tiny();
    const other = await ligo(argv("a", "--momentum", "0.9"));
    expect(other.stderr).toContain("--momentum has no effect: the optimizer is adamw");
    const frozen = await ligo(argv("b", "--optimizer", "muon", "--freeze", "*encoder.layer*"));
    expect(frozen.stderr).toContain("Muon moves matrices of layers");
    const out = ["--out", join(folder, "c"), "--optimizer", "muon"];
    const grown = await ligo(["grow", checkpoint, "--to", TINY_TARGET, "--data", text, ...out]);
    expect(grown.stderr).toMatch(
      /--optimizer.*muon.*an operator has none, and learns by adamw or lamb/,
    );
    expect([other.code, frozen.code, grown.code]).toEqual([2, 2, 2]);
    expect(readdirSync(folder).toSorted()).toEqual(["small", "text.txt"]);
  });

  it("refuses a pattern of no parameter, and a target that nothing looks for", async () => {
    const { argv } = await tiny();
    const unknown = await ligo(argv("a", "--freeze", "bert.embedding.LayerNorm.*"));
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("bert.embeddings.LayerNorm");
    const target = await ligo(argv("b", "--target-loss", "1"));
    expect(target.code).toBe(2);
    expect(target.stderr).toContain("--eval-every");
  });

  it("ends at a target loss, and says so", async () => {
    const { argv } = await tiny();
    const result = await ligoJson<TrainResult>(
      argv("run", "--steps", "200", "--lr", "1e-2", "--eval-every", "5", "--target-loss", "3.5"),
    );
    expect(result.target_reached).toBe(true);
    expect(result.steps).toBeLessThan(200);
    expect(result.steps % 5).toBe(0);
    expect(result.held_out.loss).toBeLessThanOrEqual(3.5);
    expect(result.tokens).toBe(result.steps * 4 * 16);
    const missed = await ligoJson<TrainResult>(
      argv("missed", "--steps", "2", "--eval-every", "1", "--target-loss", "0.01"),
    );
    expect(missed).toMatchObject({ target_reached: false, steps: 2 });
  });

  it.each(["f16", "bf16"])("writes %s, trains on from it, and grows it", async (dtype) => {
    const { folder, text, train } = await tiny();
    await train("half", "--dtype", dtype);
    const half = join(folder, "half");
    const opened = await openCheckpoint(half);
    expect(opened.dtype).toBe(dtype.toUpperCase());
    await opened.close();
    const on = ["train", half, "--data", text, "--out", join(folder, "on"), "--steps", "1"];
    expect((await ligoJson<TrainResult>([...on, "--batch", "4"])).loss).toBeGreaterThan(0);
    const grow = ["grow", half, "--to", TINY_TARGET, "--method", "stack"];
    const grown = join(folder, "grown");
    await ligoJson<GrowResult>([...grow, "--out", grown]);
    const found = await openCheckpoint(grown);
    // of the source's precision, unless told otherwise
    expect(found.dtype).toBe(dtype.toUpperCase());
    await found.close();
  });
});

describe("ligo grow", () => {
  it("learns without dropout unless told otherwise, by any schedule and optimiser", async () => {
    const { checkpoint, folder, text } = await tiny();
    const grow = async (out: string, ...more: string[]): Promise<unknown> => {
      const argv = ["grow", checkpoint, "--to", TINY_TARGET, "--data", text, "--steps", "2"];
      const paths = ["--out", join(folder, out), "--batch", "4", "--no-eval"];
      await ligoJson<GrowResult>([...argv, ...paths, ...more]);
      return [...(await tensorsOf(join(folder, out)))];
    };
    const plain = await grow("plain");
    expect(await grow("zero", "--dropout", "0")).toEqual(plain);
    expect(await grow("config", "--dropout", "config")).not.toEqual(plain);
    expect(await grow("constant", "--schedule", "constant", "--warmup", "0")).not.toEqual(plain);
    expect(await grow("lamb", "--optimizer", "lamb", "--beta1", "0.5")).not.toEqual(plain);
  });
});
