import { createOnnxEngine, createReferenceEngine, type Engine, type Numbers } from "@ligo/engine";
import type { Objective } from "@ligo/nn";
import { describe, expect, it } from "vitest";
import { toyLayout, toyObjective, type ToySizes } from "./__fixtures__/toy-model.js";
import { createTrainer, initialWeights, type StepBatch } from "./index.js";

const sizes: ToySizes = { embed: 6, mlp: 8, layers: 2, tied: true };
const layout = toyLayout(sizes);
const engines: readonly Engine[] = [createOnnxEngine(), createReferenceEngine()];

/** Tokens and labels of four rows of four; they have 4, 1, 2 and 0 labels. */
const ids = [0, 1, 2, 3, 4, 5, 6, 0, 3, 3, 1, 2, 5, 4, 0, 6];
const labels = [1, 5, 3, 4, -100, 6, -100, -100, 2, -100, 0, -100, -100, -100, -100, -100];

function rows(from: number, count: number): Readonly<Record<string, Numbers>> {
  const part = (values: readonly number[]): Int32Array =>
    Int32Array.from(values.slice(4 * from, 4 * (from + count)));
  return { input_ids: part(ids), labels: part(labels) };
}

/** Share of a gradient in the first moment after one update. */
const SHARE = 0.1;

/** Loss, gradient and its norm of one update in parts of `count` rows each. */
async function updated(
  engine: Engine,
  parts: readonly StepBatch[],
  count: number,
  objective: Objective = toyObjective(sizes),
): Promise<{ readonly loss: number; readonly norm: number; readonly gradient: number[] }> {
  const weights = initialWeights(layout, { seed: 5, deviation: 0.3 });
  const spec = { shape: [count, 4], dtype: "int32" } as const;
  const trainer = await createTrainer(engine, {
    layout,
    objective,
    batch: { input_ids: spec, labels: spec },
    weights,
    accumulate: parts.length,
    optimizer: { beta1: 1 - SHARE, clipNorm: 1e9 },
  });
  const { gradientNorm: norm, loss } = await trainer.step(parts, 1e-3);
  const gradient = Object.entries(await trainer.compiled.read()).flatMap(([name, values]) =>
    name.startsWith("first_moment/") ? [...values].map((value) => value / SHARE) : [],
  );
  await trainer.compiled.dispose();
  return { loss, norm, gradient };
}

it("moves nothing in a step, and then what is asked for alone", async () => {
  const asked: (readonly string[] | undefined)[] = [];
  const onnx = createOnnxEngine();
  const watched: Engine = {
    ...onnx,
    async compile(program, values) {
      const compiled = await onnx.compile(program, values);
      return {
        ...compiled,
        read(names) {
          asked.push(names);
          return compiled.read(names);
        },
        write: () => Promise.reject(new Error("nothing is to be written")),
      };
    },
  };
  const weights = initialWeights(layout, { seed: 5, deviation: 0.3 });
  const spec = { shape: [2, 4], dtype: "int32" } as const;
  const trainer = await createTrainer(watched, {
    layout,
    objective: toyObjective(sizes),
    batch: { input_ids: spec, labels: spec },
    weights,
    freeze: ["table"],
  });
  for (let step = 0; step < 3; step++) await trainer.step(rows(0, 2), 1e-3);
  expect(asked).toEqual([]);
  const now = await trainer.weights();
  const learnt = [...weights.keys()].filter((name) => name !== "table");
  expect(asked).toEqual([learnt]);
  for (const [name, data] of now) expect(data).toBe(weights.get(name));
  await trainer.compiled.dispose();
  expect(asked).toHaveLength(1);
});

describe.each(engines.map((engine) => [engine.name, engine] as const))(
  "an update in parts on the %s engine",
  (_name, engine) => {
    it.each([
      ["parts with as many labels", [rows(0, 2), rows(0, 2)], rows(0, 2)],
      ["parts with unequal labels", [rows(0, 1), rows(1, 1), rows(2, 1)], rows(0, 3)],
      ["a part without a label, last", [rows(2, 1), rows(3, 1)], rows(2, 2)],
      ["a part without a label, first", [rows(3, 1), rows(0, 1), rows(1, 1)], undefined],
    ])("has the gradient of one big batch: %s", async (_case, parts, whole) => {
      const big = whole ?? {
        input_ids: Int32Array.from([...ids.slice(12), ...ids.slice(0, 8)]),
        labels: Int32Array.from([...labels.slice(12), ...labels.slice(0, 8)]),
      };
      const size = (batch: StepBatch): number => (batch["labels"] as Numbers).length / 4;
      const expected = await updated(engine, [big], size(big));
      const found = await updated(engine, parts, size(parts[0] as StepBatch));
      // float32 sums in another order
      expect(found.loss).toBeCloseTo(expected.loss, 5);
      expect(found.norm).toBeCloseTo(expected.norm, 5);
      expect(found.gradient).toBeAllClose(expected.gradient, { absolute: 1e-6 });
      expect(Math.max(...expected.gradient.map(Math.abs))).toBeGreaterThan(1e-2);
    });

    it("has the mean gradient of its parts where the objective counts nothing", async () => {
      const { count: _count, ...uncounted } = toyObjective(sizes);
      const parts = [rows(0, 1), rows(1, 1)];
      const [one, other] = [
        await updated(engine, [rows(0, 1)], 1),
        await updated(engine, [rows(1, 1)], 1),
      ];
      const found = await updated(engine, parts, 1, uncounted);
      const mean = one.gradient.map((value, index) => (value + (other.gradient[index] ?? 0)) / 2);
      expect(found.loss).toBeCloseTo((one.loss + other.loss) / 2, 5);
      // float32 sums in another order
      expect(found.gradient).toBeAllClose(mean, { absolute: 1e-6 });
    });
  },
);
