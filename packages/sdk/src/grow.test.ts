import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { defineMethod, methodNamed } from "@ligo/core";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { describe, expect, it } from "vitest";
import type { LigoEvent } from "./events.js";
import { grow } from "./grow.js";
import type { GrownModel } from "./growth/grown-model.js";
import type { MemoryModel } from "./models/model-source.js";
import { resume } from "./resume.js";
import { readRecipeFile } from "./settings/recipe-file.js";
import { growSettings } from "./settings/grow.js";
import type { GrowSettings } from "./settings/types.generated.js";

const architectures = [bert];
const engine = "reference";
const to = { hidden_size: 32, num_attention_heads: 4, num_hidden_layers: 2, intermediate_size: 64 };

async function source(): Promise<{ folder: string; small: string; text: string }> {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  return { folder, small: checkpoint, text };
}

/** Numbers of a model by name, as plain data. */
const numbersOf = ({ tensors }: Pick<MemoryModel, "tensors">): object =>
  Object.fromEntries(
    [...tensors].map(([name, { data, dtype, shape }]) => [name, { data, dtype, shape }]),
  );

/** A model read out of a folder into memory. */
const inMemory = ({ companions, config, tensors }: GrownModel): MemoryModel => ({
  config,
  companions,
  tensors: new Map([...tensors].map(([name, tensor]) => [name, { ...tensor }])),
});

describe("grow", () => {
  it.each(["stack", "random", "ligo"] as const)(
    "by %s hands back in memory what it writes into a folder",
    async (method) => {
      const { folder, small, text } = await source();
      const learning = { data: text, steps: 2, batch: 2, sequence: 12, cache: false } as const;
      const settings = { to, method, engine, ...(method === "ligo" ? learning : {}) } as const;
      const memory = await grow(small, { ...settings, architectures });
      expect(readdirSync(folder).toSorted()).toEqual(["small", "text.txt"]);
      expect(memory.out).toBeUndefined();
      const out = join(folder, "grown");
      const written = await grow(small, { ...settings, architectures, out });
      expect(numbersOf(memory)).toEqual(numbersOf(written));
      expect(memory.config).toEqual(written.config);
      expect([...memory.companions.keys()]).toEqual([...written.companions.keys()]);
      expect(memory.companions.has("tokenizer.json")).toBe(true);
      expect(memory.operator.tensors).toEqual(written.operator.tensors);
      expect(memory.losses).toEqual(written.losses);
      expect(memory.parameters).toEqual(written.parameters);
    },
  );

  it("takes a model in memory as it takes a folder, bfloat16 and its tokenizer too", async () => {
    const { folder, small, text } = await source();
    const out = join(folder, "half");
    const half = await grow(small, {
      to,
      method: "stack",
      dtype: "bf16",
      engine,
      architectures,
      out,
    });
    const learn = { to: { num_hidden_layers: 3 }, data: text, steps: 1, batch: 2, sequence: 12 };
    const settings = { ...learn, cache: false, engine, architectures } as const;
    const [one, other] = [await grow(out, settings), await grow(inMemory(half), settings)];
    expect(one.tensors.get("cls.predictions.bias")?.dtype).toBe("BF16");
    expect(numbersOf(other)).toEqual(numbersOf(one));
    expect(other.losses).toEqual(one.losses);
  });

  it("tells whether the function is kept, and if not, why", async () => {
    const { small } = await source();
    const common = { engine, architectures } as const;
    const wider = { to: { intermediate_size: 64 }, method: "stack" } as const;
    expect(await grow(small, { ...common, ...wider })).toMatchObject({
      keepsFunction: true,
      reasons: [],
    });
    const deeper = { to: { num_hidden_layers: 2 }, method: "lemon" } as const;
    expect(await grow(small, { ...common, ...deeper })).toMatchObject({
      keepsFunction: false,
      reasons: [expect.stringMatching(/encoder: 1 layers become 2.*norms stand after the sums/u)],
    });
    const other = { to: { intermediate_size: 64, layer_norm_eps: 1e-3 }, method: "stack" } as const;
    expect((await grow(small, { ...common, ...other })).reasons).toEqual([
      "layer_norm_eps changes from 1e-12 to 0.001",
    ]);
    const learns = { to: { intermediate_size: 64 }, steps: 0 } as const;
    expect((await grow(small, { ...common, ...learns })).keepsFunction).toBe(false);
  });

  it("grows by a method from outside", async () => {
    const { folder, small } = await source();
    const stack = methodNamed("stack");
    const own = defineMethod({
      name: "own",
      says: "As stack.",
      source: "here",
      options: {},
      learns: false,
      keepsFunction: (plan) => stack.keepsFunction(plan),
      operator: (plan, { random }) => stack.operator(plan, { random }),
    });
    const out = join(folder, "own");
    const grown = await grow(small, { to, method: own, engine, architectures, out });
    const known = await grow(small, { to, method: "stack", engine, architectures });
    expect(grown.method).toBe("own");
    expect(numbersOf(grown)).toEqual(numbersOf(known));
    expect(JSON.parse(readFileSync(join(out, "recipe.json"), "utf8"))).toMatchObject({
      settings: { method: "own" },
    });
  });

  it("writes a recipe that can be given back", async () => {
    const { folder, small } = await source();
    const out = join(folder, "grown");
    const settings: GrowSettings = { to, method: "direct-copy", deviation: 0.1, seed: 4, engine };
    const grown = await grow(small, { ...settings, architectures, out });
    const { from, settings: read } = await readRecipeFile(join(out, "recipe.json"), growSettings);
    const again = await grow(from ?? "", { ...(read as GrowSettings), architectures });
    expect(numbersOf(again)).toEqual(numbersOf(grown));
  });

  it("records the settings that were used and no others", async () => {
    const { folder, small } = await source();
    const out = join(folder, "grown");
    await grow(small, { to, method: "stack", engine, architectures, out });
    const record = JSON.parse(readFileSync(join(out, "ligo.json"), "utf8")) as {
      readonly settings: object;
    };
    expect(Object.keys(record.settings).toSorted()).toEqual([
      "data",
      "engine",
      "method",
      "operator",
      "redrawn",
      "seed",
      "ties",
    ]);
  });
});

describe("a growth that learns", () => {
  const learning = { to, steps: 6, batch: 2, sequence: 12, cache: false, evaluate: false } as const;

  it("tells typed events, phases and steps in order", async () => {
    const { small, text } = await source();
    const events: LigoEvent[] = [];
    const onEvent = (event: LigoEvent): void => void events.push(event);
    await grow(small, { ...learning, evaluate: true, data: text, architectures, onEvent });
    const phases = events.flatMap((event) => (event.type === "phase" ? [event.phase] : []));
    expect(new Set(phases)).toEqual(new Set(["read", "apply", "evaluate", "compile", "learn"]));
    expect(phases.indexOf("compile")).toBeLessThan(phases.indexOf("learn"));
    const all = events.flatMap((event) =>
      event.type === "step" || event.type === "progress" ? [event] : [],
    );
    const steps = all.filter(({ phase }) => phase !== "evaluate");
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const step of steps) {
      expect(step).toMatchObject({ phase: "learn", steps: 6, unit: "tokens" });
      expect(step.loss).toBeGreaterThan(0);
    }
    // source, start and grown model are judged by the same batches, and all are in the forecast
    const batches = all.filter(({ phase }) => phase === "evaluate");
    expect(batches).toHaveLength(3 * (batches[0]?.steps ?? 0));
    for (const { overallSecondsLeft, secondsLeft } of all.slice(0, -1))
      expect(overallSecondsLeft).toBeGreaterThan(Math.min(secondsLeft, 1e-6));
    expect(all.at(-1)).toMatchObject({ phase: "evaluate", overallSecondsLeft: 0 });
    expect(events).toContainEqual(
      expect.objectContaining({ type: "data", objective: "masked-lm" }),
    );
    const judged = events.flatMap((event) => (event.type === "evaluation" ? [event.of] : []));
    expect(judged).toEqual(["source", "start", "grown"]);
  });

  it("that a listener ends by throwing is saved, and goes on as if nothing had happened", async () => {
    const { folder, small, text } = await source();
    const [whole, stopped] = [join(folder, "whole"), join(folder, "stopped")];
    const settings = { ...learning, data: text, architectures } as const;
    const expected = await grow(small, { ...settings, out: whole });
    const failure = new Error("the listener fails");
    const onEvent = (event: LigoEvent): void => {
      if (event.type === "step" && event.step === 3) throw failure;
    };
    await expect(grow(small, { ...settings, out: stopped, onEvent })).rejects.toBe(failure);
    expect(existsSync(join(stopped, "checkpoints", "step-3"))).toBe(true);
    const events: LigoEvent[] = [];
    const resumed = await resume(stopped, {
      architectures,
      onEvent: (event) => events.push(event),
    });
    expect(events).toContainEqual({ type: "resumed", step: 3, finished: false });
    expect(resumed.command).toBe("grow");
    expect(numbersOf(resumed)).toEqual(numbersOf(expected));
    const finished = (await resume(stopped, { architectures })) as GrownModel;
    expect(finished).toMatchObject({ method: "ligo", keepsFunction: false, out: stopped });
    expect(finished.operator.tensors).toEqual(expected.operator.tensors);
    expect(numbersOf(finished)).toEqual(numbersOf(expected));
  });

  it("that is stopped while the grown model is written has its last step saved", async () => {
    const { folder, small, text } = await source();
    const [whole, out] = [join(folder, "whole"), join(folder, "stopped")];
    const settings = { ...learning, data: text, architectures } as const;
    const expected = await grow(small, { ...settings, out: whole });
    const abort = new AbortController();
    const onEvent = (event: LigoEvent): void => {
      if (event.type === "phase" && event.phase === "write") abort.abort();
    };
    const stopped = grow(small, { ...settings, out, onEvent, signal: abort.signal });
    await expect(stopped).rejects.toMatchObject({ code: "run/interrupted" });
    expect(existsSync(join(out, "checkpoints", "step-6"))).toBe(true);
    const resumed = await resume(out, { architectures });
    expect(numbersOf(resumed)).toEqual(numbersOf(expected));
  });

  it("from memory into a folder asks for its source again", async () => {
    const { folder, small, text } = await source();
    const model = inMemory(await grow(small, { to: {}, method: "stack", architectures }));
    const out = join(folder, "out");
    const abort = new AbortController();
    const onEvent = (event: LigoEvent): void => {
      if (event.type === "step" && event.step === 2) abort.abort();
    };
    const settings = { ...learning, data: text, architectures, out } as const;
    const stopped = grow(model, { ...settings, onEvent, signal: abort.signal });
    await expect(stopped).rejects.toMatchObject({ code: "run/interrupted" });
    await expect(resume(out, { architectures })).rejects.toMatchObject({ code: "run/no-source" });
    const resumed = await resume(out, { architectures, from: model });
    const whole = await grow(model, { ...learning, data: text, architectures });
    expect(numbersOf(resumed)).toEqual(numbersOf(whole));
  });

  it("that is aborted before its first step leaves nothing", async () => {
    const { folder, small, text } = await source();
    const out = join(folder, "out");
    const signal = AbortSignal.abort(new Error("not now"));
    await expect(
      grow(small, { ...learning, data: text, architectures, out, signal }),
    ).rejects.toThrow("not now");
    expect(existsSync(out)).toBe(false);
  });
});

describe("models in memory", () => {
  it.each([
    ["a dtype that there is not", { dtype: "Q4" }, "sdk/bad-tensor", "has the dtype Q4"],
    [
      "numbers of another kind",
      { data: new Int32Array(16) },
      "sdk/bad-tensor",
      "held as Int32Array",
    ],
    ["too few numbers", { data: new Float32Array(3) }, "sdk/bad-tensor", "16 numbers"],
  ])("are refused with %s", async (_what, change, code, words) => {
    const { small } = await source();
    const model = await grow(small, { to: {}, method: "stack", architectures });
    const name = "bert.embeddings.LayerNorm.weight";
    const tensors = new Map(model.tensors);
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error("no such tensor");
    const { data, dtype, shape } = tensor;
    tensors.set(name, { data, dtype, shape, ...change });
    const grown = grow({ config: model.config, tensors }, { to, method: "stack", architectures });
    await expect(grown).rejects.toMatchObject({ code, tensor: name });
    await expect(grown).rejects.toThrow(words);
  });

  it("are refused with companions that lead elsewhere", async () => {
    const { small } = await source();
    const model = await grow(small, { to: {}, method: "stack", architectures });
    const companions = new Map([["../tokenizer.json", new Uint8Array(1)]]);
    await expect(
      grow({ ...inMemory(model), companions }, { to, method: "stack", architectures }),
    ).rejects.toMatchObject({ code: "sdk/bad-companion" });
  });
});
