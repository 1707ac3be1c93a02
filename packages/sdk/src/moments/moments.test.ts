import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { lazyFile } from "@ligo/checkpoint";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { describe, expect, it } from "vitest";
import type { LigoEvent } from "../events.js";
import { grow } from "../grow.js";
import { resume } from "../resume.js";
import type { TrainSettings } from "../settings/types.generated.js";
import { train } from "../train.js";

const common = { engine: "onnx", architectures: [bert] } as const;
const training = {
  ...common,
  cache: false,
  batch: 4,
  sequence: 12,
  learningRate: 1e-3,
  warmup: 0,
  schedule: "constant",
  dropout: 0.1,
  seed: 3,
} as const;

const numbersOf = (folder: string, name = "model.safetensors"): Record<string, unknown> =>
  Object.fromEntries(
    [...lazyFile(join(folder, name)).tensors].map(([key, { data }]) => [
      key,
      [...data].map(Number),
    ]),
  );

/** Events of a kind. */
const of = (events: readonly LigoEvent[], type: LigoEvent["type"]): readonly LigoEvent[] =>
  events.filter((event) => event.type === type);

/** A tiny model that was trained for some steps, with its moments, and its text. */
async function trained(steps = 4): Promise<{ folder: string; out: string; text: string }> {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  const out = join(folder, "trained");
  await train(checkpoint, { ...training, data: text, steps, saveMoments: true, out });
  return { folder, out, text };
}

describe("moments", () => {
  it("make two trainings one: the second goes on to the bit", async () => {
    const { folder, out, text } = await trained(2);
    const { checkpoint } = { checkpoint: join(folder, "small") };
    const whole = join(folder, "whole");
    await train(checkpoint, { ...training, data: text, steps: 5, saveMoments: true, out: whole });
    const events: LigoEvent[] = [];
    const on = join(folder, "on");
    await train(out, {
      ...training,
      data: text,
      steps: 3,
      stepsBefore: 2,
      saveMoments: true,
      out: on,
      onEvent: (event) => events.push(event),
    });
    expect(numbersOf(on)).toEqual(numbersOf(whole));
    const file = "optimizer.safetensors";
    expect(numbersOf(on, file)).toEqual(numbersOf(whole, file));
    expect(lazyFile(join(on, file)).metadata).toEqual(lazyFile(join(whole, file)).metadata);
    const [told] = of(events, "moments");
    const record = JSON.parse(readFileSync(join(on, "ligo.json"), "utf8")) as object;
    expect(told).toMatchObject({ optimizer: "adamw", step: 2 });
    expect(record).toMatchObject({ parameters: (told as { of?: number }).of });
    expect(told).toMatchObject({ entries: (told as { of?: number }).of });
  });

  it("are left where settings say so, are those of another optimiser, or say nothing of themselves", async () => {
    const { out, text } = await trained();
    const told = async (settings: Partial<TrainSettings>): Promise<unknown[]> => {
      const events: LigoEvent[] = [];
      await train(out, {
        ...training,
        data: text,
        steps: 1,
        ...settings,
        onEvent: (event) => events.push(event),
      });
      return [...of(events, "moments")];
    };
    expect(await told({ moments: "anew" })).toEqual([]);
    expect(await told({ optimizer: "lamb" })).toMatchObject([
      { entries: 0, reason: "they are those of adamw, and this training has lamb" },
    ]);
    const file = join(out, "optimizer.safetensors");
    const bytes = readFileSync(file, "latin1");
    writeFileSync(file, bytes.replace('"step":"4"', '"step":"?"'), "latin1");
    expect(await told({})).toMatchObject([
      { entries: 0, reason: expect.stringContaining("does not say of which optimiser") as string },
    ]);
  });

  it("that grew are those of the grown model's own gradients, over several steps", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    // weights stand still, and no gradient is clipped
    const still = {
      ...training,
      data: text,
      learningRate: 1e-30,
      weightDecay: 0,
      clipNorm: 1e9,
      dropout: 0,
      steps: 3,
      saveMoments: true,
    };
    const to = { hidden_size: 32, num_attention_heads: 4, intermediate_size: 80 };
    const [out, big, own] = ["out", "big", "own"].map((name) => join(folder, name));
    await train(checkpoint, { ...still, out });
    await grow(out ?? "", { ...common, to, method: "stack", out: big });
    await train(big ?? "", { ...still, moments: "anew", out: own });
    const moments = (at = ""): ReturnType<typeof lazyFile>["tensors"] =>
      lazyFile(join(at, "optimizer.safetensors")).tensors;
    const expected = moments(own);
    for (const [name, { data }] of moments(big)) {
      const wanted = [...(expected.get(name)?.data ?? [])].map(Number);
      const norm = (values: readonly number[]): number => Math.hypot(...values);
      const difference = norm(wanted.map((value, index) => value - Number(data[index])));
      // float32 sums of a larger model in another order; the gradient of a key's bias is nothing but their rounding
      const floor = (name.startsWith("first") ? 1e-6 : 1e-13) * Math.sqrt(wanted.length);
      expect(difference, name).toBeLessThan(1e-4 * norm(wanted) + floor);
    }
  });

  it("begin at zero, with their own correction, where parameters were frozen before", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "trained");
    const freeze = ["bert.embeddings.*"];
    await train(checkpoint, { ...training, data: text, steps: 4, freeze, saveMoments: true, out });
    const events: LigoEvent[] = [];
    const on = join(folder, "on");
    await train(out, {
      ...training,
      data: text,
      steps: 1,
      saveMoments: true,
      out: on,
      onEvent: (event) => events.push(event),
    });
    const { entries = 0, of: all = 0 } = of(events, "moments")[0] as {
      entries?: number;
      of?: number;
    };
    expect(all - entries).toBe((100 + 16 + 2 + 2) * 16);
    const name = "bert.embeddings.LayerNorm.weight";
    const gains = (at: string): readonly number[] =>
      [...(lazyFile(join(at, "model.safetensors")).tensors.get(name)?.data ?? [])].map(Number);
    const before = gains(out);
    const longest = Math.max(
      ...gains(on).map((gain, unit) => Math.abs(gain - (before[unit] ?? 0))),
    );
    // the first step of Adam is as long as the learning rate, where the gradient is large beside epsilon
    expect(longest / training.learningRate).toBeGreaterThan(0.9);
    expect(longest / training.learningRate).toBeLessThan(1.001);
    const { metadata } = lazyFile(join(on, "optimizer.safetensors"));
    expect(metadata).toMatchObject({ step: "5", fresh_step: "1" });
  });

  it("grow with the weights, and in memory as in a folder", async () => {
    const { folder, out, text } = await trained();
    const to = { hidden_size: 32, num_attention_heads: 4, intermediate_size: 64 };
    const big = join(folder, "big");
    const events: LigoEvent[] = [];
    const grown = await grow(out, {
      ...common,
      to,
      method: "stack",
      out: big,
      onEvent: (event) => events.push(event),
    });
    const counts = { optimizer: "adamw", step: 4, entries: grown.parameters.target };
    expect(grown.carriedMoments).toMatchObject(counts);
    expect(of(events, "moments")).toMatchObject([counts]);
    expect(grown.files).toContain("optimizer.safetensors");
    const record = JSON.parse(readFileSync(join(big, "ligo.json"), "utf8")) as object;
    expect(record).toMatchObject({ carried_moments: counts });

    const source = lazyFile(join(out, "optimizer.safetensors"));
    const target = lazyFile(join(big, "optimizer.safetensors"));
    const name = "bert.encoder.layer.0.intermediate.dense.weight";
    const at = (file: typeof source, key: string): Float32Array =>
      file.tensors.get(key)?.data as Float32Array;
    const [small, large] = [source, target].map((file) => at(file, `first_moment/${name}`));
    const [smallSquare, largeSquare] = [source, target].map((file) =>
      at(file, `second_moment/${name}`),
    );
    // [32, 16] to [64, 32]: two copies of a unit are read by a half each, what they read is there whole
    for (const [row, column] of [
      [0, 0],
      [40, 3],
      [5, 20],
      [63, 31],
    ] as const) {
      const [old, now] = [(row % 32) * 16 + (column % 16), row * 32 + column];
      expect(large?.[now]).toBe(Math.fround((small?.[old] ?? 0) / 2));
      expect(largeSquare?.[now]).toBe(Math.fround((smallSquare?.[old] ?? 0) / 4));
    }
    const memory = await grow(out, { ...common, to, method: "stack" });
    expect(memory.moments?.tensors.get(name)?.first).toEqual(large);

    const steps = { ...training, data: text, steps: 2 } as const;
    const fromFolder = await train(big, steps);
    const fromMemory = await train(memory, steps);
    const anew = await train(big, { ...steps, moments: "anew" });
    expect(fromMemory.loss).toBe(fromFolder.loss);
    expect(anew.loss).not.toBe(fromFolder.loss);
  });

  it("of added layers, and of a learned operator, begin at zero", async () => {
    const { out, text } = await trained();
    const deep = await grow(out, {
      ...common,
      to: { num_hidden_layers: 2 },
      method: "zero-block",
    });
    const zero = (layer: number): boolean =>
      deep.moments?.tensors
        .get(`bert.encoder.layer.${layer}.intermediate.dense.weight`)
        ?.second.every((value) => value === 0) === true;
    expect([zero(0), zero(1)]).toEqual([false, true]);
    const events: LigoEvent[] = [];
    const learned = await grow(out, {
      ...common,
      cache: false,
      to: { num_hidden_layers: 2, hidden_size: 32, num_attention_heads: 4 },
      method: "ligo",
      data: text,
      steps: 2,
      batch: 4,
      sequence: 12,
      onEvent: (event) => events.push(event),
    });
    const { entries = 0, of: all = 0 } = learned.carriedMoments ?? {};
    expect(entries / all).toBeLessThan(0.5);
    expect(of(events, "moments")).toHaveLength(1);
  });

  it("that were grown are resumed to the bit where a training is stopped", async () => {
    const { folder, out, text } = await trained();
    const big = join(folder, "big");
    const to = { num_hidden_layers: 2, hidden_size: 24, num_attention_heads: 3 };
    await grow(out, { ...common, to, method: "lemon", out: big });
    const settings = {
      ...training,
      data: text,
      steps: 6,
      newLearningRate: 2e-3,
      newWarmup: 4,
      saveEvery: 2,
      saveMoments: true,
    };
    const whole = join(folder, "whole");
    await train(big, { ...settings, out: whole });
    const part = join(folder, "part");
    const stop = new AbortController();
    await expect(
      train(big, {
        ...settings,
        out: part,
        signal: stop.signal,
        onEvent(event) {
          if (event.type === "step" && event.step === 3) stop.abort();
        },
      }),
    ).rejects.toMatchObject({ name: "InterruptedError" });
    await resume(part, { architectures: [bert] });
    for (const file of ["model.safetensors", "optimizer.safetensors"]) {
      expect(numbersOf(part, file)).toEqual(numbersOf(whole, file));
      expect(lazyFile(join(part, file)).metadata).toEqual(lazyFile(join(whole, file)).metadata);
    }
  });
});
