import { createOnnxEngine, createReferenceEngine } from "@ligo/engine";
import { describe, expect, it } from "vitest";
import {
  toyBatch,
  toyInputs,
  toyLayout,
  toyObjective,
  type ToySizes,
} from "./__fixtures__/toy-model.js";
import {
  createTrainer,
  initialWeights,
  OPTIMIZER_NAMES,
  type EntriesByName,
  type TrainerOptions,
  type Weights,
} from "./index.js";

const sizes: ToySizes = { embed: 6, mlp: 8, layers: 2, tied: true };
const layout = toyLayout(sizes);
const model = { layout, objective: toyObjective(sizes), batch: toyBatch };
const start = (): Map<string, Float32Array> =>
  new Map(initialWeights(layout, { seed: 5, deviation: 0.3 }));
const ones = (size: number, count = size): Uint8Array =>
  Uint8Array.from({ length: size }, (_, row) => (row < count ? 1 : 0));

/** The upper left block of one matrix; the whole of others, or nothing. */
const old: EntriesByName = new Map([
  ["layer.0.up", [ones(8, 5), ones(6, 4)]],
  ["layer.1.up", [ones(8, 0), ones(6)]],
  ["norm.gain", [ones(6, 4)]],
]);

/** Whether an entry is old. */
function isOld(name: string, index: number): boolean {
  const rows = old.get(name);
  if (rows === undefined) return true;
  const width = rows.length === 1 ? 1 : (rows[1]?.length ?? 1);
  return rows[0]?.[Math.floor(index / width)] === 1 && (rows[1]?.[index % width] ?? 1) === 1;
}

/** Options beside the model, and what each step is given. */
type Options = Partial<TrainerOptions> & { readonly newRate?: number; readonly count?: number };

async function trained({ newRate, count = 3, ...options }: Options = {}): Promise<Weights> {
  const trainer = await createTrainer(createOnnxEngine(), {
    ...model,
    weights: start(),
    ...options,
  });
  const parts = options.accumulate ?? 1;
  const batches = Array.from({ length: parts }, () => toyInputs);
  for (let step = 0; step < count; step++)
    await trainer.step(parts === 1 ? toyInputs : batches, 0.01, newRate);
  const weights = new Map(
    [...(await trainer.weights())].map(([name, data]) => [name, data.slice()]),
  );
  await trainer.compiled.dispose();
  return weights;
}

describe.each(OPTIMIZER_NAMES)("entries, by %s", (name) => {
  const optimizer = { name, weightDecay: 0.1 } as const;

  it.each(["old", "new"] as const)(
    "that are %s stay to the bit where they are frozen",
    async (group) => {
      for (const accumulate of [1, 2]) {
        const options = { optimizer, old, freezeEntries: group, accumulate };
        const [before, after] = [start(), await trained(options)];
        const wrong = [...after].flatMap(([key, values]) =>
          [...values].flatMap((value, index) => {
            const isMoved = value !== before.get(key)?.[index];
            return isMoved === ((group === "old") === isOld(key, index)) ? [`${key} ${index}`] : [];
          }),
        );
        expect(wrong).toEqual([]);
      }
    },
  );

  it("move alike, to the bit, where new ones have the rate of all", async () => {
    expect(await trained({ optimizer, old, hasNewRate: true, newRate: 1 })).toEqual(
      await trained({ optimizer }),
    );
  });

  it("that are new move by their own rate, weight decay included", async () => {
    const before = start();
    const plain = await trained({ optimizer, count: 1 });
    const half = await trained({ optimizer, old, hasNewRate: true, newRate: 0.5, count: 1 });
    for (const [key, values] of half) {
      for (const [index, value] of values.entries()) {
        const was = before.get(key)?.[index] ?? 0;
        const change = (plain.get(key)?.[index] ?? 0) - was;
        if (isOld(key, index)) expect(value).toBe(plain.get(key)?.[index]);
        // differences of float32 numbers of about 1
        else expect(Math.abs(value - was - change / 2)).toBeLessThan(2e-7);
      }
    }
  });

  it("whose moments begin late are corrected by their own count", async () => {
    const zeros = { steps: 2000, state: {} };
    const none: EntriesByName = new Map(
      [...start().keys()].map((key) => [key, [new Uint8Array(1)]]),
    );
    const fresh = await trained({ optimizer });
    const late = await trained({ optimizer, moments: zeros, carried: none, lateBy: 2000 });
    const uncorrected = await trained({ optimizer, moments: zeros });
    for (const [key, values] of late) {
      // roots and powers of float32
      expect(values, key).toBeAllClose(fresh.get(key), { absolute: 1e-5 });
    }
    const moved = (weights: Weights): number =>
      Math.abs((weights.get("layer.0.up")?.[0] ?? 0) - (start().get("layer.0.up")?.[0] ?? 0));
    if (name === "adamw") expect(moved(uncorrected)).toBeGreaterThan(2 * moved(fresh));
  });
});

it("runs on the reference engine, entry by entry as on onnx", async () => {
  const options = { old, hasNewRate: true, freezeEntries: "old" } as const;
  const run = async (engine: ReturnType<typeof createOnnxEngine>): Promise<Weights> => {
    const trainer = await createTrainer(engine, { ...model, weights: start(), ...options });
    await trainer.step(toyInputs, 0.01, 1.3);
    return trainer.weights();
  };
  const [one, other] = [await run(createOnnxEngine()), await run(createReferenceEngine())];
  for (const [key, values] of one)
    expect(other.get(key), key).toBeAllClose(values, { absolute: 1e-6 });
});

it("refuses to freeze all entries", async () => {
  const all: EntriesByName = new Map();
  await expect(trained({ old: all, freezeEntries: "old" })).rejects.toMatchObject({
    code: "training/all-frozen",
  });
});
