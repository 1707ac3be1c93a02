import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { fixed, growing, parameter, reader, tinyLayout } from "../__fixtures__/tiny-layout.js";
import { applyOperator } from "../stream/grower.js";
import { createPlan } from "../plan/create-plan.js";
import type { Factor, Pairing } from "../layout/layout.js";
import type { Matrix } from "../operator/operator.js";
import type { PlannedSpace } from "../plan/planned-spaces.js";
import { createRandom } from "../random.js";
import { functionPreservingRead, functionPreservingWidth } from "./function-preserving.js";
import { hasSeparateRead, ligoOperator } from "./ligo.js";
import type { StandardSchemaV1 } from "../standard-schema.js";
import type * as z from "../zod.js";
import { ownOptions } from "./check-options.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";
import { isMethodName, methodNamed, methods, type MethodName } from "./methods.js";
import { stackOperator, type StackOptions } from "./stack.js";

const small = bertLayout({ layers: 2, hidden: 16, heads: 2, intermediate: 32 });
const large = bertLayout({ layers: 5, hidden: 24, heads: 3, intermediate: 48 });
const plan = createPlan(small, large);

function space(oldSize: number, newSize: number, more: Partial<PlannedSpace> = {}): PlannedSpace {
  return { name: "s", space: growing(newSize), oldSize, newSize, isRead: true, ...more };
}

function heads(
  [oldHeads, oldUnit]: [number, number],
  [newHeads, newUnit]: [number, number],
  pairedWith?: string,
): PlannedSpace {
  const factors = (count: number, size: number): Factor[] => [
    { name: "head", size: count },
    { name: "channel", size },
  ];
  const pairing = (unit: number): { pairing?: Pairing } =>
    pairedWith === undefined ? {} : { pairing: { with: pairedWith, scale: 1 / Math.sqrt(unit) } };
  const { pairing: oldPairing } = pairing(oldUnit);
  return space(oldHeads * oldUnit, newHeads * newUnit, {
    space: growing(newHeads * newUnit, {
      factors: factors(newHeads, newUnit),
      ...pairing(newUnit),
    }),
    oldFactors: factors(oldHeads, oldUnit),
    ...(oldPairing === undefined ? {} : { oldPairing }),
  });
}

function times({ rows, columns, data }: Matrix, x: readonly number[]): number[] {
  return Array.from({ length: rows }, (_, row) =>
    x.reduce((sum, value, column) => sum + data[row * columns + column]! * value, 0),
  );
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

const random = createRandom(0);
const size = fc.integer({ min: 1, max: 6 });
const pair = fc.tuple(size, size, fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }));

describe("function-preserving maps", () => {
  it("read^T write is the identity, heads and uneven copies included", () => {
    fc.assert(
      fc.property(pair, fc.boolean(), ([h, d, moreHeads, moreUnits], hasHeads) => {
        const target = hasHeads
          ? heads([h, d], [h + moreHeads, d + moreUnits])
          : space(h * d, h * d + moreHeads);
        const write = functionPreservingWidth(target, random);
        const read = functionPreservingRead(target, random);
        for (let a = 0; a < target.oldSize; a++) {
          for (let b = 0; b < target.oldSize; b++) {
            let sum = 0;
            for (let u = 0; u < target.newSize; u++) {
              sum += read.data[u * target.oldSize + a]! * write.data[u * target.oldSize + b]!;
            }
            // 1/n rounded to float32, up to a few dozen times.
            expect(Math.abs(sum - (a === b ? 1 : 0))).toBeLessThan(1e-5);
          }
        }
      }),
      { seed: 1 },
    );
  });

  it("keeps every scaled score of every head, whatever grows", () => {
    fc.assert(
      fc.property(pair, fc.integer(), ([h, d, moreHeads, moreUnits], seed) => {
        const { normal } = createRandom(seed);
        const [newHeads, newUnit] = [h + moreHeads, d + moreUnits];
        const [q, k] = [0, 1].map(() => Array.from({ length: h * d }, normal)) as [
          number[],
          number[],
        ];
        const grownQ = times(
          functionPreservingWidth(heads([h, d], [newHeads, newUnit], "key"), random),
          q,
        );
        const grownK = times(
          functionPreservingWidth(heads([h, d], [newHeads, newUnit]), random),
          k,
        );
        const score = (left: number[], right: number[], head: number, unit: number) =>
          dot(
            left.slice(head * unit, (head + 1) * unit),
            right.slice(head * unit, (head + 1) * unit),
          ) / Math.sqrt(unit);
        for (let head = 0; head < newHeads; head++) {
          // Scores of up to 6 products of normals, with factors rounded to float32.
          expect(
            Math.abs(score(grownQ, grownK, head, newUnit) - score(q, k, head % h, d)),
          ).toBeLessThan(1e-5);
        }
      }),
      { seed: 1 },
    );
  });

  it("copies whole heads", () => {
    const { data, columns } = functionPreservingWidth(heads([2, 2], [3, 2]), random);
    const copied = Array.from({ length: 6 }, (_, row) => data.subarray(row * columns).indexOf(1));
    expect(copied).toEqual([0, 1, 2, 3, 0, 1]);
  });

  it("adds noise to new rows only, relative to the row", () => {
    const target = space(4, 8);
    const options = { noise: 0.1 };
    const write = functionPreservingWidth(target, createRandom(1), options);
    const read = functionPreservingRead(target, createRandom(1), options);
    const plain = functionPreservingWidth(target, random);
    expect(write.data.subarray(0, 16)).toEqual(plain.data.subarray(0, 16));
    expect(write.data.subarray(16)).not.toEqual(plain.data.subarray(16));
    // The same draws on rows of 1 and of 1/2.
    expect(read.data.subarray(16)).toBeAllClose(write.data.subarray(16).map((value) => value / 2));
    const deviation =
      Math.hypot(...write.data.map((value, index) => value - plain.data[index]!)) / 4;
    // 16 normals of deviation 0.1.
    expect(deviation).toBeGreaterThan(0.05);
    expect(deviation).toBeLessThan(0.2);
  });

  it("refuses smaller heads", () => {
    const target = heads([2, 4], [8, 2]);
    expect(() => functionPreservingWidth(target, random)).toThrow(
      expect.objectContaining({ code: "plan/heads-shrink", tensor: "s" }),
    );
    expect(() => functionPreservingRead(target, random)).toThrow(
      expect.objectContaining({ code: "plan/heads-shrink" }),
    );
  });

  it("averages heads that become fewer, and reads the mean for each of them", () => {
    const target = heads([4, 1], [2, 2]);
    expect([...functionPreservingWidth(target, random).data]).toEqual([
      0.5, 0.5, 0, 0, 0.5, 0.5, 0, 0, 0, 0, 0.5, 0.5, 0, 0, 0.5, 0.5,
    ]);
    // each of the two copies of a mean, for both heads
    expect([...functionPreservingRead(target, random).data]).toEqual([
      0.5, 0.5, 0, 0, 0.5, 0.5, 0, 0, 0, 0, 0.5, 0.5, 0, 0, 0.5, 0.5,
    ]);
  });
});

describe("stackOperator", () => {
  it("keeps the function of a network with a tied readout and a norm, at twice the width", async () => {
    const layout = (k: number) =>
      tinyLayout(
        1,
        { embed: growing(3 * k), mlp: growing(4 * k, { scope: "layer" }), vocab: fixed(5) },
        [
          parameter("table", ["vocab:fixed", "embed:out"]),
          parameter("h.{i}.up", ["embed:in", "mlp:out"]),
          parameter("h.{i}.bias", ["mlp:out"]),
          parameter("h.{i}.down", ["embed:out", "mlp:in"]),
          parameter("norm", ["embed:elem"], { readout: true }),
          parameter("readout", ["vocab:fixed", "embed:in"], { tiedTo: "table" }),
        ],
      );
    const plan = createPlan(layout(1), layout(2));
    const { normal } = createRandom(8);
    const sources = new Map(
      plan.tensors.map(({ name, sourceShape }) => [
        name,
        { data: Float32Array.from({ length: sourceShape.reduce((a, b) => a * b) }, normal) },
      ]),
    );
    const grown = new Map<string, { data: Float32Array }>();
    for await (const { tensor, data } of applyOperator(
      plan,
      stackOperator(plan),
      reader(sources),
    )) {
      grown.set(tensor.name, { data });
    }

    const run = (weights: typeof grown, embed: number, mlp: number): number[] => {
      const get = (name: string) => weights.get(name)!.data;
      const table = { rows: 5, columns: embed, data: get("table") };
      const x = [...table.data.subarray(embed, 2 * embed)];
      const hidden = Array.from({ length: mlp }, (_, m) =>
        Math.tanh(
          x.reduce(
            (sum, value, e) => sum + value * get("h.0.up")[e * mlp + m]!,
            get("h.0.bias")[m]!,
          ),
        ),
      );
      const y = times({ rows: embed, columns: mlp, data: get("h.0.down") }, hidden).map(
        (value, e) => value + x[e]!,
      );
      const mean = y.reduce((a, b) => a + b) / embed;
      const deviation = Math.hypot(...y.map((value) => value - mean)) / Math.sqrt(embed);
      return times(
        table,
        y.map((value, e) => ((value - mean) / deviation) * get("norm")[e]!),
      );
    };
    // All factors are 1 and 1/2, so only the order of sums in float64 differs.
    expect(run(grown, 6, 8)).toBeAllClose(run(sources, 3, 4), { absolute: 1e-12 });
  });

  it("has one map per space, reading maps and copied layers", () => {
    const operator = stackOperator(plan);
    expect(operator).toMatchObject({ architecture: "bert", widthScope: "model", terms: 1 });
    expect(
      [...operator.tensors.keys()].filter((name) => !name.startsWith("depth.")).toSorted(),
    ).toEqual([
      "read.embed",
      "read.head",
      "read.mlp",
      "read.value",
      "width.embed",
      "width.head",
      "width.key",
      "width.mlp",
      "width.query",
      "width.value",
    ]);
    const depth = "depth.bert.encoder.layer.{i}.output.dense.bias";
    expect([...operator.tensors.get(depth)!.data]).toEqual([1, 0, 0, 1, 1, 0, 0, 1, 1, 0]);
    const interlaced = stackOperator(plan, { depth: "interlace" });
    expect([...interlaced.tensors.get(depth)!.data]).toEqual([1, 0, 1, 0, 1, 0, 0, 1, 0, 1]);
  });
});

describe("the zero-block start", () => {
  const rows = (name: string): number[] => [
    ...stackOperator(plan, { depth: "zero-block" }).tensors.get(`depth.${LAYER}.${name}`)!.data,
  ];
  const LAYER = "bert.encoder.layer.{i}";

  it("adds copies after each layer whose writes to the residual stream are zero", () => {
    const copied = [1, 0, 1, 0, 1, 0, 0, 1, 0, 1];
    const zeroed = [1, 0, 0, 0, 0, 0, 0, 1, 0, 0];
    for (const name of ["attention.output.dense", "output.dense"]) {
      expect(rows(`${name}.weight`), name).toEqual(zeroed);
      expect(rows(`${name}.bias`), name).toEqual(zeroed);
    }
    for (const name of ["attention.self.value", "intermediate.dense", "output.LayerNorm"]) {
      expect(rows(`${name}.weight`), name).toEqual(copied);
    }
  });

  it("changes nothing where no layer is added", () => {
    const same = createPlan(small, small);
    expect(stackOperator(same, { depth: "zero-block" })).toEqual(stackOperator(same));
  });

  it("can be where learning starts", () => {
    const operator = ligoOperator(plan, createRandom(1), { depth: "zero-block" });
    expect(operator.tensors.get(`depth.${LAYER}.output.dense.bias`)!.data[2]).toBe(0);
  });
});

describe("ligoOperator", () => {
  it("starts as published: [I; C] per target layer with random means, noisy stack", () => {
    const operator = ligoOperator(plan, createRandom(1));
    expect(operator).toMatchObject({ order: "depth-then-width", widthScope: "target-layer" });
    const { rows, columns, data } = operator.tensors.get("width.query.4")!;
    expect([rows, columns]).toEqual([24, 16]);
    expect(data[16 * 15 + 15]).toBe(1);
    const lastRow = data.subarray(23 * 16);
    expect(lastRow.every((value) => value > 0 && value < 1)).toBe(true);
    expect(operator.tensors.get("width.query.3")!.data.subarray(256)).not.toEqual(
      data.subarray(256),
    );
    expect([...operator.tensors.keys()].some((name) => name.startsWith("read."))).toBe(false);
  });

  it("draws each tensor from its own fork, so that starts do not depend on each other", () => {
    const one = ligoOperator(plan, createRandom(1));
    const other = ligoOperator(plan, createRandom(1), { depth: "rand" });
    expect(other.tensors.get("width.embed")).toEqual(one.tensors.get("width.embed"));
    const seeded = ligoOperator(plan, createRandom(2));
    expect(seeded.tensors.get("width.embed")).not.toEqual(one.tensors.get("width.embed"));
  });

  it("has the paper's form on request", () => {
    const operator = ligoOperator(plan, createRandom(1), { form: "source-layer", width: "sel" });
    expect(operator).toMatchObject({ order: "width-then-depth", widthScope: "source-layer" });
    expect(operator.tensors.has("width.mlp.1")).toBe(true);
    expect(operator.tensors.has("width.mlp.2")).toBe(false);
  });

  it("can start from copies, with reading maps and noise", () => {
    const copies = ligoOperator(plan, createRandom(1), { width: "function-preserving" });
    expect(copies.tensors.get("read.mlp.4")).toMatchObject({ rows: 48, columns: 32 });
    expect(copies.tensors.get("width.embed")).toEqual(
      stackOperator(plan).tensors.get("width.embed"),
    );
    const noisy = ligoOperator(plan, createRandom(1), {
      width: "function-preserving",
      noise: 0.01,
    });
    expect(noisy.tensors.get("width.embed")).not.toEqual(copies.tensors.get("width.embed"));
    expect([
      hasSeparateRead("function-preserving"),
      hasSeparateRead("rand"),
      hasSeparateRead(undefined),
    ]).toEqual([true, false, false]);
  });
});

describe("methods", () => {
  const random = createRandom(3);
  const made = (name: MethodName, options: object = {}) =>
    methodNamed(name).operator(plan, { random, options });

  it("are found by name and say whether they learn", () => {
    expect(
      methods.map(({ learns, name }) => [name, learns]).filter(([, learns]) => learns),
    ).toEqual([
      ["ligo", "all"],
      ["ligo-depth", "depth"],
      ["ligo-width", "width"],
      ["ligo-lossless", "all"],
      ["mango", "all"],
    ]);
    for (const { name } of methods) expect(methodNamed(name).name).toBe(name);
    expect(made("ligo", { perturbation: 0 })).toEqual(ligoOperator(plan, random));
    expect(made("stack")).toEqual(stackOperator(plan));
    expect(made("interpolate")).toEqual(stackOperator(plan, { depth: "interlace" }));
    expect(made("interlace")).toEqual(made("interpolate"));
    expect(made("zero-block")).toEqual(stackOperator(plan, { depth: "zero-block" }));
  });

  it("say in one sentence what they do, and where they come from", () => {
    for (const { name, says, source } of methods) {
      expect(says, name).toMatch(/^[A-Z].*\.$/u);
      expect(source, name).toMatch(/[^.\s]$/u);
    }
  });

  it("name the nearest of an unknown one", () => {
    expect(() => methodNamed("stak")).toThrow(
      expect.objectContaining({
        code: "method/unknown",
        actual: "stak",
        message: expect.stringContaining('"stack"') as string,
      }),
    );
    expect([isMethodName("lemon"), isMethodName("toString")]).toEqual([true, false]);
  });

  it("ligo's parts start where nothing they do not learn is left to noise", () => {
    const depth = made("ligo-depth", { form: "model" });
    expect(depth.tensors.get("width.embed")).toEqual(
      stackOperator(plan).tensors.get("width.embed"),
    );
    expect(depth.tensors.get("read.mlp")).toEqual(stackOperator(plan).tensors.get("read.mlp"));
    const width = made("ligo-width", { initialWidth: "sel" });
    const name = "depth.bert.encoder.layer.{i}.output.dense.bias";
    expect(width.tensors.get(name)).toEqual(stackOperator(plan).tensors.get(name));
    const lossless = made("ligo-lossless");
    expect(lossless).toMatchObject({ widthScope: "target-layer", normEpsilonScale: 2 / 3 });
    expect(lossless.tensors.get("width.embed")).toEqual(made("lemon").tensors.get("width.embed"));
  });

  it("draw what starts from scratch, or is added, with the target's deviation unless told", () => {
    const input = { random, initialDeviation: 0.5 };
    const deviationOf = (name: MethodName, options: object = {}) => {
      const { fresh, perturbation } = methodNamed(name).operator(plan, { ...input, options });
      return (fresh ?? perturbation)?.deviation;
    };
    for (const name of ["direct-copy", "random"] as const) {
      expect(deviationOf(name)).toBe(0.5);
      expect(deviationOf(name, { deviation: 0.1 })).toBe(0.1);
    }
    for (const name of ["ligo", "ligo-width"] as const) {
      expect(deviationOf(name)).toBe(0.5);
      expect(deviationOf(name, { perturbation: 0.1 })).toBe(0.1);
      expect(deviationOf(name, { perturbation: 0 })).toBeUndefined();
    }
    expect(made("random").fresh?.deviation).toBe(0.02);
  });
});

describe("options of methods", () => {
  const made = (options: object) =>
    methodNamed("mango").operator(plan, { random: createRandom(1), options });

  it.each<[string, object, string]>([
    ["a rank of zero", { rank: 0 }, "rank"],
    ["half a rank", { rank: 1.5 }, "rank"],
    ["a rank above the names of terms", { rank: 100 }, "rank"],
    ["a start there is not", { initialDepth: "nonsense" }, "initialDepth"],
  ])("refuse %s", (_what, options, name) => {
    expect(() => made(options)).toThrow(
      expect.objectContaining({
        code: "method/option",
        message: expect.stringContaining(`\`${name}\``) as string,
      }),
    );
  });

  it("refuse negative deviations", () => {
    for (const [name, options] of [
      ["ligo", { perturbation: -5 }],
      ["direct-copy", { deviation: 0 }],
    ] as const) {
      expect(() => methodNamed(name).operator(plan, { random, options })).toThrow(
        expect.objectContaining({ code: "method/option" }),
      );
    }
  });

  it("tell all faults at once, and the nearest name of a misspelt one", () => {
    expect(() => made({ rank: 0, initialDepth: "nonsense" })).toThrow(/`initialDepth`.*`rank`/u);
    expect(() => made({ rnk: 2 })).toThrow(
      expect.objectContaining({
        code: "method/unknown-option",
        message: expect.stringContaining("did you mean `rank`") as string,
      }),
    );
    expect(() => methodNamed("tile").operator(plan, { random, options: { rank: 2 } })).toThrow(
      "has no options",
    );
    expect(made({ rank: undefined, other: undefined })).toEqual(made({}));
  });

  it("say what they are, and are the same entry wherever they are had", () => {
    const known = new Map<string, unknown>();
    for (const { options } of methods) {
      for (const [name, schema] of Object.entries(options)) {
        expect((schema as z.ZodNumber).meta(), name).toMatchObject({
          says: expect.stringMatching(/^[A-Z].*\.$/u) as string,
        });
        expect(known.get(name) ?? schema, name).toBe(schema);
        known.set(name, schema);
      }
    }
    expect([...known.keys()].toSorted()).toEqual([
      "blockLayers",
      "deviation",
      "form",
      "initialDepth",
      "initialWidth",
      "newUnits",
      "noise",
      "ownDeviation",
      "perturbation",
      "rank",
      "readPower",
      "redrawn",
      "shrink",
      "start",
      "unitLength",
    ]);
  });

  it("are picked from many settings", () => {
    expect(ownOptions(methodNamed("mango"), { rank: 2, form: "model", seed: 1 })).toEqual({
      rank: 2,
    });
  });
});

describe("a method from outside", () => {
  const options = {
    depth: {
      "~standard": {
        version: 1,
        vendor: "own",
        validate: (value) =>
          value === undefined || value === "stackbert" || value === "interlace"
            ? { value: value ?? "stackbert" }
            : { issues: [{ message: "no depth" }] },
      },
    } satisfies StandardSchemaV1<StackOptions["depth"], NonNullable<StackOptions["depth"]>>,
  };
  const own: Method<Required<Pick<StackOptions, "depth">>> = defineMethod({
    name: "mine",
    says: "Stacks.",
    source: "nowhere",
    options,
    learns: false,
    keepsFunction: () => keptUnless(["it is mine"]),
    operator: (of, { options: { depth } }) => stackOperator(of, { depth }),
  });

  it("brings options of its own, by any schema of the standard", () => {
    expect(own.operator(plan, { random })).toEqual(stackOperator(plan));
    expect(own.operator(plan, { random, options: { depth: "interlace" } })).toEqual(
      methodNamed("interpolate").operator(plan, { random }),
    );
    const wrong = { depth: "zero-block" } as const;
    expect(() => own.operator(plan, { random, options: wrong })).toThrow(
      '`depth`: no depth; given "zero-block"',
    );
    expect(own.keepsFunction(plan)).toEqual({ kept: false, reasons: ["it is mine"] });
  });
});
