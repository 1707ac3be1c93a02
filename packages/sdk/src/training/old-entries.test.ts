import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { lazyFile } from "@ligo/checkpoint";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { expect, it } from "vitest";
import { grow } from "../grow.js";
import type { GrowSettings, TrainSettings } from "../settings/types.generated.js";
import { train } from "../train.js";

const common = { engine: "onnx", architectures: [bert] } as const;
const training = {
  ...common,
  cache: false,
  batch: 4,
  sequence: 12,
  steps: 3,
  learningRate: 1e-2,
} as const;

/** A tiny model, grown. */
async function grown(
  settings: Partial<GrowSettings>,
): Promise<{ out: string; folder: string; text: string }> {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  const out = join(folder, "big");
  await grow(checkpoint, { ...common, ...settings, out });
  return { folder, out, text };
}

/** Numbers of a checkpoint by name, and which of them a training changed. */
function changed(before: string, after: string): ReadonlyMap<string, readonly boolean[]> {
  const [old, now] = [before, after].map((one) => lazyFile(join(one, "model.safetensors")).tensors);
  return new Map(
    [...(old ?? [])].map(([name, { data }]) => {
      const trained = now?.get(name)?.data ?? [];
      return [name, [...data].map((value, index) => Number(value) !== Number(trained[index]))];
    }),
  );
}

it("trains the added layers alone where the source's entries are frozen, and nothing else", async () => {
  const { folder, out, text } = await grown({
    to: { num_hidden_layers: 2 },
    method: "zero-block",
  });
  const trained = join(folder, "trained");
  await train(out, { ...training, data: text, freeze: ["old"], out: trained });
  for (const [name, moved] of changed(out, trained))
    expect(moved.includes(true), name).toBe(name.includes("encoder.layer.1."));
});

it("freezes the source's entries in wider tensors to the bit, or the others, on any of its parts", async () => {
  const { folder, out, text } = await grown({
    to: { intermediate_size: 48 },
    method: "direct-copy",
  });
  const name = "bert.encoder.layer.0.intermediate.dense.weight";
  for (const freeze of ["old", "new"] as const) {
    const trained = join(folder, freeze);
    await train(out, {
      ...training,
      data: text,
      freeze: [freeze, "*.bias"],
      accumulate: 2,
      out: trained,
    });
    const moved = changed(out, trained);
    const rows = Array.from({ length: 48 }, (_, row) =>
      moved.get(name)?.slice(16 * row, 16 * (row + 1)),
    );
    for (const [row, entries] of rows.entries()) {
      const isStill = (freeze === "old") === row < 32;
      expect(entries?.includes(!isStill), `${freeze} ${row}`).toBe(true);
      expect(entries?.includes(isStill), `${freeze} ${row}`).toBe(false);
    }
    expect(moved.get("bert.encoder.layer.0.intermediate.dense.bias")).not.toContain(true);
    expect(moved.get("bert.embeddings.word_embeddings.weight")?.includes(true)).toBe(
      freeze === "new",
    );
  }
});

it("does the same to a grown model in memory, and to one that lies in a folder", async () => {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  const to = { num_hidden_layers: 2, intermediate_size: 48 };
  const memory = await grow(checkpoint, { ...common, to, method: "zero-block" });
  const stored = await grow(checkpoint, {
    ...common,
    to,
    method: "zero-block",
    out: join(folder, "big"),
  });
  const settings = { ...training, data: text, newLearningRate: 2e-2, newWarmup: 2 } as const;
  const [one, other, plain] = [
    await train(memory, settings),
    await train(stored, settings),
    await train(memory, { ...training, data: text }),
  ];
  expect(one.loss).toBe(other.loss);
  expect(one.loss).not.toBe(plain.loss);
});

it("refuses what a model has no entries for, and models that do not say", async () => {
  const { folder, out, text } = await grown({
    to: { num_hidden_layers: 2 },
    method: "zero-block",
  });
  const refused = async (from: string, settings: Partial<TrainSettings>): Promise<unknown> =>
    train(from, { ...training, data: text, ...settings }).catch((error: unknown) => error);
  expect(await refused(join(folder, "small"), { newWarmup: 3 })).toMatchObject({
    code: "sdk/no-growth",
    message: expect.stringContaining("`newWarmup` tells old entries from new ones") as string,
  });
  expect(await refused(out, { freeze: ["old", "new"] })).toMatchObject({ code: "sdk/all-frozen" });
  const same = join(folder, "same");
  await grow(join(folder, "small"), { ...common, to: {}, method: "stack", out: same });
  expect(await refused(same, { freeze: ["new"] })).toMatchObject({
    code: "sdk/no-entries",
    message: expect.stringContaining('`freeze: ["new"]` has no effect') as string,
  });
  const random = join(folder, "random");
  await grow(join(folder, "small"), { ...common, to: {}, method: "random", out: random });
  expect(await refused(random, { freeze: ["old"] })).toMatchObject({ code: "sdk/no-entries" });
  expect(readFileSync(join(out, "ligo.json"), "utf8")).toContain('"old"');
  rmSync(join(out, "ligo.json"));
  expect(await refused(out, { newLearningRate: 1 })).toMatchObject({ code: "sdk/no-growth" });
});
