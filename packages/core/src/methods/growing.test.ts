import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { drawnSources, growAll } from "../__fixtures__/drawn-sources.js";
import { fixed, growing, parameter, reader, tinyLayout } from "../__fixtures__/tiny-layout.js";
import { applyOperator } from "../stream/grower.js";
import { createPlan } from "../plan/create-plan.js";
import { initialTensor } from "../layout/initial-tensor.js";
import type { Matrix, Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import { createRandom } from "../random.js";
import { aki } from "./aki.js";
import { depthStart } from "./depth-start.js";
import { directCopy } from "./direct-copy.js";
import { fpi } from "./fpi.js";
import { lemonOperator } from "./lemon.js";
import { ownOptions } from "./check-options.js";
import { drawnProbe } from "../__fixtures__/drawn-probe.js";
import { makeOperator } from "./make-operator.js";
import type { Method } from "./method.js";
import { methods } from "./methods.js";
import { net2net } from "./net2net.js";
import { randomStart } from "./random.js";
import { centredPick, cyclicPick, keptPick, randomPick } from "../plan/unit-picks.js";
import { tile } from "./tile.js";

const small = bertLayout({ layers: 2, hidden: 16, heads: 2, intermediate: 32, tied: true });
const large = bertLayout({ layers: 5, hidden: 24, heads: 3, intermediate: 41, tied: true });
const plan = createPlan(small, large);
const LAYER = "bert.encoder.layer";

const weights = drawnSources(plan);
const source = (name: string): Float32Array => weights.get(name)!.data;

const grow = (operator: Operator, of: Plan = plan): Promise<Map<string, Float32Array>> =>
  growAll(of, operator, weights);

/** Old unit that each row of a map of copies takes; undefined where none. */
const copied = ({ rows, columns, data }: Matrix): (number | undefined)[] =>
  Array.from({ length: rows }, (_, row) => {
    const column = data.subarray(row * columns, (row + 1) * columns).findIndex((x) => x !== 0);
    return column < 0 ? undefined : column;
  });
const row = ({ columns, data }: Matrix, index: number): number[] => [
  ...data.subarray(index * columns, (index + 1) * columns),
];

describe("what copies", () => {
  const sizes = fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 20 }))
    .map(([old, more]) => [old, old + more] as const);

  it("every pick has an entry per new one, among the old ones, and keeps all of these", () => {
    fc.assert(
      fc.property(sizes, fc.integer(), ([old, now], seed) => {
        for (const pick of [cyclicPick, centredPick, keptPick, randomPick(createRandom(seed))]) {
          const chosen = pick(old, now);
          expect(chosen).toHaveLength(now);
          const found = new Set(chosen.filter((one) => one !== undefined));
          expect([...found].toSorted((a, b) => a - b)).toEqual(
            Array.from({ length: old }, (_, i) => i),
          );
        }
      }),
      { seed: 1 },
    );
  });

  it("a random pick leaves the old ones where they are and depends on the counts alone", () => {
    fc.assert(
      fc.property(sizes, fc.integer(), ([old, now], seed) => {
        const pick = randomPick(createRandom(seed));
        expect(pick(old, now).slice(0, old)).toEqual(Array.from({ length: old }, (_, i) => i));
        expect(randomPick(createRandom(seed))(old, now)).toEqual(pick(old, now));
      }),
      { seed: 1 },
    );
    const many = randomPick(createRandom(1))(8, 1008).slice(8);
    expect(new Set(many).size).toBe(8);
  });

  it("a centred pick has the old ones in the middle", () => {
    expect(centredPick(3, 7)).toEqual([1, 2, 0, 1, 2, 0, 1]);
    expect(centredPick(4, 5)).toEqual([0, 1, 2, 3, 0]);
  });

  it("queries, keys and values of a new head come from one old head", () => {
    const heads = createPlan(
      bertLayout({ layers: 1, hidden: 16, heads: 4, intermediate: 8 }),
      bertLayout({ layers: 1, hidden: 48, heads: 12, intermediate: 8 }),
    );
    for (const method of [net2net, fpi, tile]) {
      const { tensors } = method.operator(heads, { random: createRandom(7) });
      const of = (space: string) => copied(tensors.get(`width.${space}`)!);
      expect(of("key")).toEqual(of("query"));
      expect(of("value")).toEqual(of("query"));
    }
  });
});

describe("depth", () => {
  const info = (rows: number, columns: number) =>
    ({ rows, columns, kind: "depth", parameter: "p", term: 0 }) as const;
  const layers = (start: Parameters<typeof depthStart>[1], rows: number, columns: number) =>
    copied(depthStart(plan, start, info(rows, columns), createRandom(0)));

  it("stack-top: whole copies, then the uppermost layers", () => {
    expect(layers("stack-top", 8, 3)).toEqual([0, 1, 2, 0, 1, 2, 1, 2]);
    expect(layers("stack-top", 6, 3)).toEqual([0, 1, 2, 0, 1, 2]);
    expect(layers("stack-top", 3, 3)).toEqual([0, 1, 2]);
  });

  it("proportional: round(i L1 / L2), at most the last", () => {
    expect(layers("proportional", 28, 22).slice(-2)).toEqual([20, 21]);
    expect(layers("proportional", 6, 2)).toEqual([0, 0, 1, 1, 1, 1]);
  });

  it("kept: the old layers, and none", () => {
    expect(layers("kept", 4, 2)).toEqual([0, 1, undefined, undefined]);
  });
});

describe("direct copy", () => {
  it("has the source in the upper left corner and the rest from scratch", async () => {
    const operator = directCopy.operator(plan, {
      random: createRandom(1),
      options: { deviation: 0.1 },
    });
    const grown = await grow(operator);
    const name = `${LAYER}.1.output.dense.weight`;
    const weight = grown.get(name)!;
    const fresh = initialTensor(
      { initial: "normal" },
      24 * 41,
      0.1,
      createRandom(operator.fresh!.seed).fork(name),
    );
    for (let out = 0; out < 24; out++) {
      for (let read = 0; read < 41; read++) {
        const isOld = out < 16 && read < 32;
        const expected = isOld ? source(name)[out * 32 + read] : fresh[out * 41 + read];
        expect(weight[out * 41 + read]).toBe(expected);
      }
    }
    const gain = grown.get(`${LAYER}.1.output.LayerNorm.weight`)!;
    expect(gain.subarray(0, 16)).toEqual(source(`${LAYER}.1.output.LayerNorm.weight`));
    expect([...gain.subarray(16)]).toEqual(Array.from({ length: 8 }, () => 1));
    expect(new Set(grown.get(`${LAYER}.4.output.dense.bias`))).toEqual(new Set([0]));
    expect(new Set(grown.get(`${LAYER}.4.output.LayerNorm.weight`))).toEqual(new Set([1]));
  });

  it("keeps heads whole where they grow", () => {
    const heads = createPlan(
      bertLayout({ layers: 1, hidden: 8, heads: 2, intermediate: 8 }),
      bertLayout({ layers: 1, hidden: 12, heads: 2, intermediate: 8 }),
    );
    const { tensors } = directCopy.operator(heads, { random: createRandom(1) });
    const expected = [0, 1, 2, 3, undefined, undefined, 4, 5, 6, 7, undefined, undefined];
    for (const space of ["query", "key", "value"]) {
      expect(copied(tensors.get(`width.${space}`)!), space).toEqual(expected);
      expect(Math.max(...tensors.get(`width.${space}`)!.data)).toBe(1);
    }
  });
});

describe("random", () => {
  it("has nothing of the source, and is what training from scratch starts with", async () => {
    const operator = randomStart.operator(plan, { random: createRandom(1), initialDeviation: 0.1 });
    const grown = await grow(operator);
    const random = createRandom(operator.fresh!.seed);
    for (const { name, parameter: of } of plan.tensors) {
      const data = grown.get(name)!;
      expect(data, name).toEqual(initialTensor(of, data.length, 0.1, random.fork(name)));
    }
    const other = randomStart.operator(plan, { random: createRandom(2) });
    expect(other.fresh).not.toEqual(operator.fresh);
    expect(other.fresh!.deviation).toBe(0.02);
  });
});

describe("aki", () => {
  it("is fpi, with the new outputs of matrices and biases from the layer above", async () => {
    const random = createRandom(4);
    const [byAki, byFpi] = [
      await grow(aki.operator(plan, { random })),
      await grow(fpi.operator(plan, { random })),
    ];
    // target layers 0 to 4 copy 0, 1, 0, 1, 1; the layer above is target layer 1 in all of them
    const above = 1;
    for (const { name, parameter: of, layer, shape } of plan.tensors) {
      const [found, own] = [byAki.get(name)!, byFpi.get(name)!];
      const writes = of.axes.findIndex(({ role }) => role === "out");
      if (layer === undefined || writes < 0) {
        // what the two terms put side by side is never added: bit for bit
        expect(found, name).toEqual(own);
        continue;
      }
      const next = byFpi.get(of.name.replace("{i}", String(above)))!;
      const old = of.name.includes("intermediate") ? 32 : 16;
      const inner = shape.slice(1).reduce((a, b) => a * b, 1);
      expect(found.subarray(0, old * inner), name).toEqual(own.subarray(0, old * inner));
      expect(found.subarray(old * inner), name).toEqual(next.subarray(old * inner));
    }
  });

  it("reads everything once: parameters that only read are in one term", () => {
    const { tensors, terms } = aki.operator(plan, { random: createRandom(4) });
    expect(terms).toBe(2);
    const norm = "cls.predictions.transform.LayerNorm.weight";
    expect([...tensors.get(`depth.${norm}`)!.data]).toEqual([1]);
    expect([...tensors.get(`term.1.depth.${norm}`)!.data]).toEqual([0]);
    expect(tensors.has("term.1.depth.bert.embeddings.LayerNorm.weight")).toBe(false);
  });
});

describe("lemon", () => {
  it("pads normed spaces with the mean, which nothing reads, and scales gains and epsilon", () => {
    const operator = lemonOperator(plan, createRandom(2));
    const [width, read] = ["width", "read"].map((side) => operator.tensors.get(`${side}.embed`)!);
    expect(copied(width!).slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, i) => i));
    for (let unit = 16; unit < 24; unit++) {
      expect(row(width!, unit)).toEqual(Array.from({ length: 16 }, () => 1 / 16));
      expect(new Set(row(read!, unit))).toEqual(new Set([0]));
    }
    expect(operator.normEpsilonScale).toBe(2 / 3);
    const gain = `depth.${LAYER}.{i}.output.LayerNorm`;
    expect(operator.tensors.get(`${gain}.weight`)!.data[0]).toBe(Math.fround(Math.sqrt(2 / 3)));
    expect(operator.tensors.get(`${gain}.bias`)!.data[0]).toBe(1);
    const outside = "depth.bert.embeddings.LayerNorm";
    expect(operator.tensors.get(`${outside}.weight`)!.data[0]).toBe(Math.fround(Math.sqrt(2 / 3)));
    expect(operator.tensors.has(`${outside}.bias`)).toBe(false);
  });

  it("shares units unevenly among readers, to a sum of one", () => {
    const doubled = createPlan(
      small,
      bertLayout({ layers: 2, hidden: 32, heads: 4, intermediate: 70, tied: true }),
    );
    const operator = lemonOperator(doubled, createRandom(2));
    expect(operator.normEpsilonScale).toBeUndefined();
    for (const space of ["embed", "mlp", "value"]) {
      const { rows, columns, data } = operator.tensors.get(`read.${space}`)!;
      const shares = data.filter((share) => share !== 0);
      expect(shares).toHaveLength(rows);
      // 1/c of a unit with c copies, times 0.5 to 1.5 before the sum is one: from 1/6 to 3/4, or all of it
      for (const share of shares) expect(share === 1 || (share > 0.15 && share <= 0.75)).toBe(true);
      for (let unit = 0; unit < columns; unit++) {
        let sum = 0;
        for (let u = 0; u < rows; u++) sum += data[u * columns + unit]!;
        // shares rounded to float32
        expect(sum).toBeCloseTo(1, 6);
      }
    }
    const even = lemonOperator(doubled, createRandom(2), { split: "even" });
    expect(new Set(even.tensors.get("read.embed")!.data)).toEqual(new Set([0, 0.5]));
  });

  it("keeps the function of a norm and a tied readout at any width", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 0, max: 11 }),
        fc.integer(),
        async (old, more, seed) => {
          const epsilon = 0.1;
          const layout = (size: number) =>
            tinyLayout(1, { embed: growing(size), vocab: fixed(4) }, [
              parameter("table", ["vocab:fixed", "embed:out"]),
              parameter("gain", ["embed:elem"], {
                readout: true,
                initial: "ones",
                norm: "centred",
              }),
              parameter("shift", ["embed:elem"], { readout: true, initial: "zeros" }),
              parameter("readout", ["vocab:fixed", "embed:in"], { tiedTo: "table" }),
            ]);
          const of = createPlan(layout(old), layout(old + more));
          const { normal } = createRandom(seed);
          const own = new Map(
            of.tensors.map(({ name, sourceShape }) => [
              name,
              { data: Float32Array.from({ length: sourceShape.reduce((a, b) => a * b) }, normal) },
            ]),
          );
          const operator = lemonOperator(of, createRandom(seed));
          const grown = new Map<string, { data: Float32Array }>();
          for await (const { tensor, data } of applyOperator(of, operator, reader(own))) {
            grown.set(tensor.name, { data });
          }
          const run = (from: typeof grown, size: number, eps: number): number[] => {
            const get = (name: string) => from.get(name)!.data;
            const x = get("table").subarray(0, size);
            const mean = x.reduce((a, b) => a + b) / size;
            const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
            const y = Array.from(
              x,
              (value, u) =>
                ((value - mean) / Math.sqrt(variance + eps)) * get("gain")[u]! + get("shift")[u]!,
            );
            return Array.from({ length: 4 }, (_, v) =>
              y.reduce((sum, value, u) => sum + value * get("table")[v * size + u]!, 0),
            );
          };
          const before = run(own, old, epsilon);
          const after = run(grown, old + more, epsilon * (operator.normEpsilonScale ?? 1));
          // sums of a few products of normals; shares and gains are rounded to float32
          expect(after).toBeAllClose(before, { absolute: 2e-5 });
        },
      ),
      { seed: 1 },
    );
  });
});

describe("every method", () => {
  const make = (method: Method, of: Plan): Promise<Operator> =>
    makeOperator(method, of, reader(weights), {
      random: createRandom(9),
      probe: drawnProbe,
      options: ownOptions(method, { perturbation: 0 }),
    });
  const grows: Readonly<Record<string, Plan>> = {
    both: createPlan(
      bertLayout({ layers: 2, hidden: 16, heads: 2, intermediate: 32, tied: true }),
      bertLayout({ layers: 5, hidden: 24, heads: 3, intermediate: 48, tied: true }),
    ),
    "depth only": createPlan(
      small,
      bertLayout({ layers: 3, hidden: 16, heads: 2, intermediate: 32, tied: true }),
    ),
    "width only": createPlan(
      small,
      bertLayout({ layers: 2, hidden: 32, heads: 4, intermediate: 64, tied: true }),
    ),
    nothing: createPlan(small, small),
  };

  it.each(
    methods.flatMap((method) =>
      Object.keys(grows).map((growth) => ({ name: method.name, growth, method })),
    ),
  )(
    "$name grows $growth to finite numbers of the right sizes, the same each time",
    async ({ growth, method }) => {
      const of = grows[growth]!;
      const operator = await make(method, of);
      expect(await make(method, of)).toEqual(operator);
      const grown = await grow(operator, of);
      for (const { name: tensor, shape } of of.tensors) {
        const data = grown.get(tensor)!;
        expect(data).toHaveLength(shape.reduce((a, b) => a * b, 1));
        expect(data.every(Number.isFinite)).toBe(true);
      }
    },
  );

  it.each(methods.filter((method) => method.keepsFunction(grows["nothing"]!).kept))(
    "$name to the same sizes changes nothing",
    async (method) => {
      const of = grows["nothing"]!;
      for (const [tensor, data] of await grow(await make(method, of), of)) {
        expect(data, tensor).toEqual(source(tensor));
      }
    },
  );

  it("keeps the function where nothing grows, unless it draws or learns something there", () => {
    const changing = methods.filter((method) => !method.keepsFunction(grows["nothing"]!).kept);
    expect(changing.map(({ name }) => name)).toEqual([
      "ligo",
      "ligo-depth",
      "ligo-lossless",
      "mango",
      "szp",
      "random",
    ]);
  });
});
