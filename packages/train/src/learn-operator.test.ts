import {
  applyOperator,
  createPlan,
  createRandom,
  memorySource,
  methodNamed,
  type Matrix,
  type Operator,
  type Plan,
} from "@ligo/core";
import { ligoOperator, stackOperator, type LigoOptions } from "@ligo/core/methods";
import { freshTensors } from "@ligo/core/stream";
import { createOnnxEngine, createReferenceEngine, type Engine, type Numbers } from "@ligo/engine";
import { describe, expect, it } from "vitest";
import {
  toyBatch,
  toyInputs,
  toyLayout,
  toyObjective,
  type ToySizes,
} from "./__fixtures__/toy-model.js";
import {
  createEvaluator,
  gradientProgram,
  initialWeights,
  learnOperator,
  operatorLoss,
  type OperatorLearner,
  type OperatorLearningOptions,
  type Weights,
} from "./index.js";

const onnx = createOnnxEngine();
const reference = createReferenceEngine();

interface Growth {
  readonly large: ToySizes;
  readonly plan: Plan;
  readonly source: Weights;
}

const SMALL = { embed: 3, mlp: 4, layers: 2 };
const LARGE = { embed: 5, mlp: 6, layers: 3 };

function growth(
  tied: boolean,
  large: Omit<ToySizes, "tied"> = LARGE,
  small: Omit<ToySizes, "tied"> = SMALL,
): Growth {
  const layout = toyLayout({ ...small, tied });
  const random = createRandom(3);
  // gains and biases are random too: an error that scales or shifts by one or zero would not show
  const source = new Map(
    [...initialWeights(layout, { seed: 1, deviation: 0.5 })].map(([name, data]) => [
      name,
      data.map((value) => value + 0.2 * random.normal()),
    ]),
  );
  return {
    large: { ...large, tied },
    plan: createPlan(layout, toyLayout({ ...large, tied })),
    source,
  };
}

const options = ({ large, plan, source }: Growth, operator: Operator): OperatorLearningOptions => ({
  plan,
  source,
  operator,
  objective: toyObjective(large),
  batch: toyBatch,
});

/** Two operators as the two terms of one sum. */
function twoTerms(first: Operator, second: Operator): Operator {
  const more = [...second.tensors].map(([name, map]) => [`term.1.${name}`, map] as const);
  return { ...first, terms: 2, tensors: new Map([...first.tensors, ...more]) };
}

/** An operator with coefficients for a table and a norm. */
function withCoefficients(operator: Operator): Operator {
  const one = (value: number): Matrix => ({ rows: 1, columns: 1, data: Float32Array.of(value) });
  const more = [
    ["depth.table", one(0.7)],
    ["depth.norm.gain", one(1.2)],
  ] as const;
  return { ...operator, tensors: new Map([...operator.tensors, ...more]) };
}

const start = (plan: Plan, ligo: LigoOptions, seed = 2): Operator =>
  ligoOperator(plan, createRandom(seed), ligo);

const startedFrom = (plan: Plan, name: string, more: object = {}): Operator =>
  methodNamed("ligo").operator(plan, {
    random: createRandom(2),
    options: { start: name, form: "target-layer", ...more },
  });

const forms: Readonly<Record<string, (plan: Plan) => Operator>> = {
  "target-layer": (plan) => start(plan, { form: "target-layer" }),
  "source-layer": (plan) => start(plan, { form: "source-layer" }),
  "one map for all layers": (plan) => start(plan, { form: "model" }),
  "target-layer, function-preserving": (plan) =>
    start(plan, { form: "target-layer", width: "function-preserving", noise: 0.1 }),
  "source-layer, function-preserving": (plan) =>
    start(plan, { form: "source-layer", width: "function-preserving", noise: 0.1 }),
  stack: (plan) => stackOperator(plan),
  aki: (plan) => methodNamed("aki").operator(plan, { random: createRandom(2) }),
  "target-layer, lossless": (plan) =>
    methodNamed("ligo-lossless").operator(plan, { random: createRandom(2) }),
  "source-layer, lossless": (plan) =>
    methodNamed("ligo-lossless").operator(plan, {
      random: createRandom(2),
      options: { form: "source-layer" },
    }),
  "lossless-fresh": (plan) => startedFrom(plan, "lossless-fresh"),
  "lossless-fresh, source-layer": (plan) =>
    startedFrom(plan, "lossless-fresh", { form: "source-layer" }),
  "direct copy": (plan) => startedFrom(plan, "direct-copy", { ownDeviation: true, readPower: 0.5 }),
  "numbers added everywhere": (plan) => startedFrom(plan, "szp", { shrink: 0.5 }),
  "filters of a wavelet": (plan) => startedFrom(plan, "bot"),
  "coefficients outside stacks": (plan) => withCoefficients(start(plan, {})),
  "two terms": (plan) => twoTerms(start(plan, { depth: "rand" }), start(plan, {}, 4)),
  "two terms, source-layer": (plan) =>
    twoTerms(start(plan, { form: "source-layer" }), start(plan, { form: "source-layer" }, 4)),
};
const formNames = Object.keys(forms);
const form = (name: string, plan: Plan): Operator => (forms[name] as (typeof forms)[string])(plan);

/** Loss of the model whose weights are the operator's, computed without growing anything in the step. */
async function lossOfGrown({ large, plan, source }: Growth, operator: Operator): Promise<number> {
  const weights = new Map<string, Float32Array>();
  for await (const { tensor, data } of applyOperator(plan, operator, memorySource(source))) {
    weights.set(tensor.name, data);
  }
  const evaluator = await createEvaluator(onnx, {
    layout: plan.target,
    objective: toyObjective(large),
    batch: toyBatch,
    weights,
  });
  const { loss } = await evaluator.evaluate([toyInputs]);
  await evaluator.compiled.dispose();
  return loss;
}

async function run(learner: OperatorLearner, steps: number, rate: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) losses.push((await learner.step(toyInputs, rate)).loss);
  return losses;
}

const growths = [true, false].flatMap((tied) =>
  formNames.map((name) => [tied ? "tied" : "untied", name, growth(tied)] as const),
);

describe("learnOperator", () => {
  it.each(growths)("%s, %s: its loss is that of the grown model", async (_tied, name, grown) => {
    const operator = form(name, grown.plan);
    const learner = await learnOperator(onnx, options(grown, operator));
    const losses = await run(learner, 2, 0);
    // float32 products in another order
    expect(losses[0]).toBeCloseTo(await lossOfGrown(grown, operator), 5);
    expect(losses[1]).toBe(losses[0]);
    expect(await learner.operator()).toEqual(operator);

    const learned = await run(learner, 12, 0.02);
    expect(learned.at(-1)).toBeLessThan((learned[0] as number) - 0.05);
    const [after] = await run(learner, 1, 0);
    expect(after).toBeCloseTo(await lossOfGrown(grown, await learner.operator()), 5);
    await learner.compiled.dispose();
  });

  it.each([
    ["depth only", { ...SMALL, layers: 4 }],
    ["width only", { ...LARGE, layers: SMALL.layers }],
    ["one space only", { ...SMALL, mlp: 8 }],
    ["nothing grows", SMALL],
  ])("grows %s", async (_name, large) => {
    for (const name of formNames) {
      const grown = growth(true, large);
      const operator = form(name, grown.plan);
      const learner = await learnOperator(onnx, options(grown, operator));
      const losses = await run(learner, 8, 0.02);
      expect(losses[0]).toBeCloseTo(await lossOfGrown(grown, operator), 5);
      expect(losses.at(-1)).toBeLessThan(losses[0] as number);
      await learner.compiled.dispose();
    }
  });

  it("keeps the identity block of [I; C] maps and everything of maps that do not grow", async () => {
    const grown = growth(false, { ...LARGE, mlp: SMALL.mlp });
    const operator = start(grown.plan, {});
    const learner = await learnOperator(onnx, options(grown, operator));
    await run(learner, 5, 0.05);
    const maps = [...(await learner.operator()).tensors].filter(([name]) =>
      name.startsWith("width."),
    );
    expect(maps.map(([name]) => name)).toEqual([
      "width.embed",
      "width.mlp.0",
      "width.mlp.1",
      "width.mlp.2",
    ]);
    for (const [name, { data, rows, columns }] of maps) {
      const before = operator.tensors.get(name) as Matrix;
      const kept = columns * columns;
      expect(data.subarray(0, kept)).toEqual(before.data.subarray(0, kept));
      if (rows > columns) expect(data).not.toEqual(before.data);
    }
    await learner.compiled.dispose();
  });

  it("learns full maps in the paper's form", async () => {
    const grown = growth(true);
    const operator = start(grown.plan, { form: "source-layer" });
    const learner = await learnOperator(onnx, options(grown, operator));
    await run(learner, 3, 0.05);
    for (const [name, { data }] of (await learner.operator()).tensors) {
      const before = (operator.tensors.get(name) as Matrix).data;
      const moved = data.filter((value, index) => value !== before[index]).length;
      expect(moved, name).toBeGreaterThan(data.length / 2);
    }
    await learner.compiled.dispose();
  });

  it("works with reading maps for some spaces only", async () => {
    const grown = growth(true);
    const all = stackOperator(grown.plan).tensors;
    const tensors = new Map([...all].filter(([name]) => name !== "read.mlp"));
    const operator = { ...stackOperator(grown.plan), tensors };
    expect(tensors.has("read.embed") && !tensors.has("read.mlp")).toBe(true);
    const learner = await learnOperator(onnx, options(grown, operator));
    const losses = await run(learner, 5, 0.02);
    expect(losses[0]).toBeCloseTo(await lossOfGrown(grown, operator), 5);
    expect(losses.at(-1)).toBeLessThan(losses[0] as number);
    expect([...(await learner.operator()).tensors.keys()]).toEqual([...tensors.keys()]);
    await learner.compiled.dispose();
  });

  it.each([
    ["depth", (name: string) => name.includes("depth.")],
    ["width", (name: string) => !name.includes("depth.")],
  ] as const)("learns %s alone, and leaves the rest as it starts", async (learn, isLearned) => {
    for (const name of formNames) {
      const grown = growth(true);
      const operator = form(name, grown.plan);
      const learner = await learnOperator(onnx, { ...options(grown, operator), learn });
      const losses = await run(learner, 6, 0.02);
      expect(losses[0]).toBeCloseTo(await lossOfGrown(grown, operator), 5);
      expect(losses.at(-1), name).toBeLessThan(losses[0] as number);
      const changed = [...(await learner.operator()).tensors]
        .filter(([tensor, { data }]) =>
          data.some((v, i) => v !== operator.tensors.get(tensor)?.data[i]),
        )
        .map(([tensor]) => tensor);
      expect(changed.length, name).toBeGreaterThan(0);
      expect(changed.filter((tensor) => !isLearned(tensor))).toEqual([]);
      await learner.compiled.dispose();
    }
  });

  it.each([1, 2])("learns how kinds mix, at rank %d", async (rank) => {
    // spaces are whole blocks of the embedding's size
    const grown = growth(true, { embed: 5, mlp: 10, layers: 3 }, { ...SMALL, mlp: 6 });
    const operator = methodNamed("mango").operator(grown.plan, {
      random: createRandom(2),
      options: { rank },
    });
    const learner = await learnOperator(onnx, options(grown, operator));
    const losses = await run(learner, 1, 0);
    expect(losses[0]).toBeCloseTo(await lossOfGrown(grown, operator), 5);
    const learned = await run(learner, 12, 0.02);
    expect(learned.at(-1)).toBeLessThan((learned[0] as number) - 0.05);
    const [after] = await run(learner, 1, 0);
    expect(after).toBeCloseTo(await lossOfGrown(grown, await learner.operator()), 5);
    const learnt = await learner.operator();
    const kinds = `${rank === 1 ? "" : "term.1."}kinds.net`;
    expect(learnt.tensors.get(kinds)).not.toEqual(operator.tensors.get(kinds));
    await learner.compiled.dispose();
    await expectSlopes(reference, operatorLoss(options(grown, learnt)));
  });

  it("does not learn what starts a part of the model from scratch", () => {
    const grown = growth(true);
    const operator = methodNamed("direct-copy").operator(grown.plan, { random: createRandom(1) });
    expect(() => operatorLoss(options(grown, operator))).toThrow(
      expect.objectContaining({ code: "operator/not-learnable" }),
    );
  });

  it("repeats itself bit by bit and leaves its start alone", async () => {
    const grown = growth(true);
    const operator = start(grown.plan, {});
    const copy = new Map([...operator.tensors].map(([name, m]) => [name, m.data.slice()]));
    const [first, second] = [
      await learnOperator(onnx, options(grown, operator)),
      await learnOperator(onnx, options(grown, operator)),
    ];
    expect(await run(first, 5, 0.02)).toEqual(await run(second, 5, 0.02));
    expect(await first.operator()).toEqual(await second.operator());
    for (const [name, { data }] of operator.tensors) expect(data).toEqual(copy.get(name));
  });

  it("keeps old units and what starts afresh as they are, and learns the rows of new units", async () => {
    const grown = growth(false);
    const operator = startedFrom(grown.plan, "lossless-fresh");
    const learner = await learnOperator(onnx, options(grown, operator));
    await run(learner, 3, 0.05);
    const after = await learner.operator();
    expect(after.fresh).toEqual(operator.fresh);
    for (const name of ["width.embed", "read.embed", "elem.embed", "width.mlp.1", "read.mlp.1"]) {
      const [{ columns, data }, before] = [name].flatMap((one) => [
        after.tensors.get(one)!,
        operator.tensors.get(one)!,
      ]) as [Matrix, Matrix];
      const kept = columns * columns;
      expect(data.subarray(0, kept), name).toEqual(before.data.subarray(0, kept));
      expect(data.subarray(kept), name).not.toEqual(before.data.subarray(kept));
    }
    await learner.compiled.dispose();
  });

  it("is pulled towards its start by a decay of what it has moved", async () => {
    const grown = growth(true);
    const operator = start(grown.plan, {});
    const moved = async (startDecay: number, rates: readonly number[]): Promise<number[]> => {
      const learner = await learnOperator(onnx, { ...options(grown, operator), startDecay });
      for (const rate of rates) await run(learner, 1, rate);
      const after = (await learner.operator()).tensors.get("depth.layer.{i}.up")!.data;
      const before = operator.tensors.get("depth.layer.{i}.up")!.data;
      await learner.compiled.dispose();
      return [...after].map((value, index) => value - before[index]!);
    };
    const [plain, pulled] = [await moved(0, [0.1]), await moved(0.5, [0.1])];
    // nothing has moved before the first step; float32 numbers of about one, and their differences
    expect(pulled).toBeAllClose(plain, { absolute: 1e-6 });
    const [free, held] = [await moved(0, [0.1, 0.1]), await moved(0.5, [0.1, 0.1])];
    const expected = free.map((value, index) => value - 0.1 * 0.5 * plain[index]!);
    expect(held).toBeAllClose(expected, { absolute: 2e-6 });
  });

  it("goes on from where an earlier learner left off, bit for bit", async () => {
    const grown = growth(true);
    const problem = {
      ...options(grown, startedFrom(grown.plan, "lossless-fresh")),
      startDecay: 0.1,
    };
    const whole = await learnOperator(onnx, problem);
    await run(whole, 2, 0.02);
    const state = structuredClone(await whole.compiled.read());
    const on = await learnOperator(onnx, { ...problem, start: { steps: whole.steps, state } });
    expect(await run(on, 2, 0.01)).toEqual(await run(whole, 2, 0.01));
    expect(await on.operator()).toEqual(await whole.operator());
    for (const learner of [whole, on]) await learner.compiled.dispose();
  });

  it("decays nothing unless asked", async () => {
    const grown = growth(true);
    const operator = start(grown.plan, {});
    const depth = "depth.layer.{i}.up";
    const after = async (optimizer: OperatorLearningOptions["optimizer"]): Promise<Numbers> => {
      const learner = await learnOperator(onnx, {
        ...options(grown, operator),
        ...(optimizer ? { optimizer } : {}),
      });
      await run(learner, 1, 0.1);
      return ((await learner.operator()).tensors.get(depth) as Matrix).data;
    };
    const [plain, decayed] = [await after(undefined), await after({ weightDecay: 0.5 })];
    const before = (operator.tensors.get(depth) as Matrix).data;
    // decay takes 0.1 x 0.5 of the value; one float32 rounding of numbers of about one
    expect(decayed).toBeAllClose(plain.map((value, i) => value - 0.05 * (before[i] as number)));
  });

  it("moves width maps by the rate over their old size, unless rates are uniform", async () => {
    const grown = growth(true);
    const operator = start(grown.plan, {});
    const moved = async (
      rates: NonNullable<OperatorLearningOptions["rates"]>,
    ): Promise<ReadonlyMap<string, Float32Array>> => {
      const learner = await learnOperator(onnx, { ...options(grown, operator), rates });
      await run(learner, 1, 0.1);
      const changes = [...(await learner.operator()).tensors].map(([name, { data }]) => {
        const before = (operator.tensors.get(name) as Matrix).data;
        return [name, data.map((value, index) => value - (before[index] as number))] as const;
      });
      return new Map(changes);
    };
    const [relative, uniform] = [await moved("relative"), await moved("uniform")];
    for (const [name, change] of uniform) {
      const divisor = name.startsWith("depth.") ? 1 : (operator.tensors.get(name)?.columns ?? 0);
      // differences of float32 numbers of about one
      expect(relative.get(name), name).toBeAllClose(change.map((value) => value / divisor));
      expect(Math.max(...change.map(Math.abs)), name).toBeGreaterThan(0.05);
    }
  });

  it("names a source tensor that is missing", () => {
    const grown = growth(true);
    const source = new Map(grown.source);
    source.delete("layer.1.up");
    const problem = options({ ...grown, source }, start(grown.plan, {}));
    expect(() => operatorLoss(problem)).toThrow(
      expect.objectContaining({ code: "operator/missing-source", tensor: "layer.1.up" }),
    );
  });
});

/** Directions per tensor along which the slope is measured. */
const DIRECTIONS = 2;
const STEP = 1 / 128;

async function expectSlopes(
  engine: Engine,
  problem: ReturnType<typeof operatorLoss>,
): Promise<void> {
  const random = createRandom(9);
  const values = Object.fromEntries(
    Object.entries(problem.values).map(([name, data]) => [`learnable/${name}`, data.slice()]),
  );
  const compiled = await engine.compile(gradientProgram(problem), {
    state: {},
    frozen: { ...problem.frozenValues, ...values },
  });
  const at = async (): Promise<Record<string, Numbers>> => compiled.run(toyInputs);
  const gradients = await at();
  const loss = gradients["loss"]?.[0] as number;
  for (const [key, data] of Object.entries(values)) {
    const gradient = gradients[`gradient/${key.slice("learnable/".length)}`] as Numbers;
    const before = data.slice();
    for (let round = 0; round < DIRECTIONS; round++) {
      const draws = before.map(() => random.normal());
      const length = Math.hypot(...draws);
      const direction = draws.map((draw) => draw / length);
      const lossAt = async (step: number): Promise<number> => {
        const moved = before.map((value, i) => value + step * (direction[i] as number));
        await compiled.write({ frozen: { [key]: moved } });
        return (await at())["loss"]?.[0] as number;
      };
      // Richardson's extrapolation: the error falls with the fourth power of the step
      const wide = ((await lossAt(2 * STEP)) - (await lossAt(-2 * STEP))) / (4 * STEP);
      const narrow = ((await lossAt(STEP)) - (await lossAt(-STEP))) / (2 * STEP);
      await compiled.write({ frozen: { [key]: before } });
      const slope = direction.reduce((sum, d, i) => sum + d * (gradient[i] as number), 0);
      // a loss is rounded to about 2e-7 of itself, and differences of two are divided by 1/64
      expect(Math.abs((4 * narrow - wide) / 3 - slope), key).toBeLessThan(
        2e-5 * loss + 1e-3 * Math.abs(slope),
      );
    }
  }
}

describe("gradients of operatorLoss", () => {
  it.each(growths)("%s, %s: are the slopes of the loss", async (_tied, name, grown) => {
    const operator = form(name, grown.plan);
    const fresh = await freshTensors(grown.plan, operator, memorySource(grown.source));
    await expectSlopes(reference, operatorLoss({ ...options(grown, operator), fresh }));
  });
});
