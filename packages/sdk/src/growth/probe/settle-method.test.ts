import { existsSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { gpt2 } from "@ligo/gpt2";
import { vit } from "@ligo/vit";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyClasses } from "@ligo/vitest/tiny-images";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { describe, expect, it } from "vitest";
import { grow, resume, train, type GrownModel, type LigoEvent } from "../../index.js";
import { readRecord } from "../../models/record-file.js";
import type { Probe } from "./facts.js";
import { PROBE_SHARE } from "./probe-size.js";

const architectures = [bert, gpt2];
const data = { batch: 2, sequence: 12, cache: false, heldOut: 8 } as const;

/** A tiny GPT-2 and the text that it was trained on. */
async function decoder(): Promise<{ folder: string; small: string; text: string }> {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "bert"));
  const config = {
    model_type: "gpt2",
    architectures: ["GPT2LMHeadModel"],
    n_layer: 1,
    n_embd: 16,
    n_head: 2,
    n_positions: 16,
    vocab_size: 64,
  };
  const small = join(folder, "small");
  const settings = { ...data, tokenizer: checkpoint, steps: 3, learningRate: 1e-2 } as const;
  await train({ config }, { ...settings, data: text, out: small, architectures });
  return { folder, small, text };
}

const wider = { n_layer: 2, n_embd: 24, n_head: 3 };

/** The choice among events. */
const choiceIn = (events: readonly LigoEvent[]): LigoEvent | undefined =>
  events.find(({ type }) => type === "method");

describe("auto", () => {
  it("keeps the function without data, and comes near where nothing does", async () => {
    const { small, folder } = await decoder();
    const events: LigoEvent[] = [];
    const onEvent = (event: LigoEvent): void => void events.push(event);
    const grown = await grow(small, { to: wider, architectures, onEvent });
    expect(grown).toMatchObject({ keepsFunction: true });
    expect(grown.probe).toBeUndefined();
    expect(choiceIn(events)).toMatchObject({
      method: grown.method,
      because: "there are no data to choose by, and it keeps the function",
    });
    events.length = 0;
    const to = { num_hidden_layers: 2 };
    const deeper = await grow(join(folder, "bert"), { to, architectures, onEvent });
    expect(deeper.keepsFunction).toBe(false);
    expect(JSON.stringify(choiceIn(events))).toContain("nothing keeps the function");
  });

  it("chooses among starts on data, says what it saw, and keeps to its share of the budget", async () => {
    const { folder, small, text } = await decoder();
    const out = join(folder, "grown");
    const events: LigoEvent[] = [];
    const grown = await grow(small, {
      to: wider,
      ...data,
      data: text,
      budget: 24_000,
      trainingRate: 1e-2,
      out,
      architectures,
      onEvent: (event) => void events.push(event),
    });
    const probe = grown.probe as Probe;
    expect(probe).toMatchObject({ unit: "tokens", budget: 24_000, chosen: grown.method });
    expect(probe.cost).toBeLessThanOrEqual(PROBE_SHARE * 24_000);
    expect(probe.steps).toBeGreaterThan(0);
    expect(probe.judged).toEqual({ of: "blocks", count: 8, among: 8 });
    expect(probe.starts).toHaveLength(2);
    const [, keeper] = probe.starts;
    // it computes what the source does, up to rounding
    expect(keeper?.loss).toBeCloseTo(probe.source ?? Number.NaN, 4);
    for (const { loss, trained } of probe.starts) expect(trained).not.toBe(loss);
    expect(choiceIn(events)).toEqual({
      type: "method",
      method: probe.chosen,
      because: probe.because,
      probe,
    });
    expect(await readRecord<{ probe: Probe }>(out, ["probe"])).toMatchObject({ probe });
    const { command: _command, ...again } = (await resume(out, { architectures })) as GrownModel;
    expect(again.probe).toEqual(probe);
  });

  it("is settled once: a run that was stopped goes on with what was chosen", async () => {
    const { folder, small, text } = await decoder();
    const [whole, stopped] = [join(folder, "whole"), join(folder, "stopped")];
    const settings = { to: wider, ...data, data: text, budget: 24_000, architectures } as const;
    const learned = new Set<number>();
    const expected = await grow(small, {
      ...settings,
      out: whole,
      onEvent: (event) => {
        if (event.type === "step" && event.phase === "learn") learned.add(event.step);
      },
    });
    // a hundredth of the budget, on batches of one sequence of 12 tokens
    expect(Math.max(...learned)).toBe(20);
    // untrained as it is, the source loses nothing that is worth keeping
    expect(expected.method).toBe("ligo");
    const failure = new Error("stop");
    const onEvent = (event: LigoEvent): void => {
      if (event.type === "step" && event.phase === "learn" && event.step === 3) throw failure;
    };
    await expect(grow(small, { ...settings, out: stopped, onEvent })).rejects.toBe(failure);
    expect(existsSync(join(stopped, "recipe.json"))).toBe(true);
    const events: LigoEvent[] = [];
    const resumed = (await resume(stopped, {
      architectures,
      onEvent: (event) => void events.push(event),
    })) as GrownModel;
    expect(choiceIn(events)).toBeUndefined();
    expect(resumed.probe).toEqual(expected.probe);
    expect(resumed.operator.tensors).toEqual(expected.operator.tensors);
  });

  it("learns a model of images from direct copy, and records that", async () => {
    const folder = temporaryFolder();
    const images = tinyClasses(join(folder, "images"), ["a", "b"], 8);
    const config = {
      model_type: "vit",
      architectures: ["ViTForImageClassification"],
      hidden_size: 16,
      num_attention_heads: 2,
      num_hidden_layers: 1,
      intermediate_size: 32,
      image_size: 8,
      patch_size: 4,
      id2label: { 0: "a", 1: "b" },
      label2id: { a: 0, b: 1 },
    };
    const small = join(folder, "small");
    const shared = { batch: 4, heldOut: 4, data: images, architectures: [vit] } as const;
    await train({ config }, { ...shared, steps: 2, out: small });
    const out = join(folder, "grown");
    const events: LigoEvent[] = [];
    const onEvent = (event: LigoEvent): void => void events.push(event);
    const to = { hidden_size: 32, num_attention_heads: 4, intermediate_size: 64 };
    const grown = await grow(small, { ...shared, to, budget: 4000, out, onEvent });
    const from = { method: "ligo", start: "direct-copy" };
    expect(grown.probe?.starts[0]).toMatchObject(from);
    expect(grown.probe?.starts[1]).not.toHaveProperty("start");
    expect(choiceIn(events)).toMatchObject(from);
    const record = await readRecord<{ settings: object }>(out, ["settings"]);
    expect(record?.settings).toMatchObject({
      ...from,
      own_deviation: true,
      read_power: 0.5,
      batch: 1,
    });
  });

  it("is LiGO where only learning reads what is given, and looks at nothing where the budget is small", async () => {
    const { small, text } = await decoder();
    const common = { to: wider, ...data, data: text, architectures, evaluate: false } as const;
    const learned = await grow(small, { ...common, steps: 2 });
    expect(learned).toMatchObject({ method: "ligo" });
    expect(learned.probe).toBeUndefined();
    const unseen = await grow(small, { ...common, budget: 100 });
    expect(unseen.probe).toMatchObject({ starts: [], cost: 0, because: /pays for no look/ });
    expect(unseen.keepsFunction).toBe(true);
  });
});

describe("a warning", () => {
  it("says that a grown model starts far above its source, and what would not", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const events: LigoEvent[] = [];
    await grow(checkpoint, {
      to: { intermediate_size: 64 },
      method: "random",
      deviation: 3,
      ...data,
      data: text,
      architectures,
      onEvent: (event) => void events.push(event),
    });
    expect(events).toContainEqual(
      expect.objectContaining({ code: "starts-above-source", method: "random" }),
    );
  });

  it("says that learning ended above its start", async () => {
    const { small, text } = await decoder();
    const events: LigoEvent[] = [];
    await grow(small, {
      to: wider,
      method: "ligo-lossless",
      ...data,
      data: text,
      steps: 1,
      warmup: 0,
      learningRate: 30,
      architectures,
      onEvent: (event) => void events.push(event),
    });
    expect(events).toContainEqual(expect.objectContaining({ code: "learning-ended-above" }));
  });
});
