import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import recorded from "../__fixtures__/blocks.json" with { type: "json" };
import * as float64 from "../__fixtures__/float64.js";
import {
  engines,
  evaluate,
  evaluateWithGradients,
  floats,
  integers,
  normal,
  type Givens,
  type Tensors,
} from "../__fixtures__/programs.js";
import {
  activate,
  attention,
  causalMask,
  crossEntropy,
  gatedMlp,
  gatherRows,
  gelu,
  inheritingLoss,
  layerNorm,
  linear,
  paddingMask,
  rmsNorm,
  rotaryTables,
  rotate,
  sumRows,
  tensorParameters,
} from "../index.js";

/** float32 against float64; the erf of TensorFlow.js has an error of 1.5e-7 of its own. */
const TOLERANCE = { absolute: 5e-6, relative: 1e-5 };

type Row = float64.Row;
type Block = (tensors: Tensors) => tf.Tensor;

const t2 = (tensors: Tensors, name: string): tf.Tensor2D => tensors[name] as tf.Tensor2D;
const t1 = (tensors: Tensors, name: string): tf.Tensor1D => tensors[name] as tf.Tensor1D;

/** A block, its inputs, and the same on the float32 inputs in their order, in float64. */
interface Case {
  readonly givens: Givens;
  readonly block: Block;
  readonly reference: (...inputs: Row[]) => Row;
}

const shape = { batch: 2, sequence: 3, heads: 2 };
const seen = [
  [1, 1, 0],
  [1, 1, 1],
];
const qkv = { q: normal([6, 4], 1), k: normal([6, 4], 2), v: normal([6, 4], 3) };
const attend: Block = (tensors) =>
  attention(t2(tensors, "q"), t2(tensors, "k"), t2(tensors, "v"), shape);

const transposed = (data: Row, columns: number): number[] => {
  const rows = float64.rowsOf(data, columns);
  return Array.from({ length: columns }, (_, column) =>
    rows.map((row) => row[column] as number),
  ).flat();
};

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
/** Every activation but the two kinds of GELU, by its definition. */
const activations: Readonly<
  Record<"quick_gelu" | "relu" | "silu" | "swish" | "tanh", (x: number) => number>
> = {
  quick_gelu: (x) => x * sigmoid(1.702 * x),
  relu: (x) => Math.max(0, x),
  silu: (x) => x * sigmoid(x),
  swish: (x) => x * sigmoid(x),
  tanh: Math.tanh,
};
const activationCases: Readonly<Record<string, Case>> = Object.fromEntries(
  (Object.keys(activations) as (keyof typeof activations)[]).map((name) => [
    `activation ${name}`,
    {
      givens: { x: normal([3, 8], 1, 2), weights: normal([3, 8], 9) },
      block: ({ x }) => activate(x!, name),
      reference: (x = []) => x.map(activations[name]),
    },
  ]),
);

const crossEntropyCase = (labels: readonly number[], scale = 1): Case => ({
  givens: {
    logits: normal([labels.length, 5], 4, scale),
    labels: integers([labels.length], labels),
    weights: floats([], [0.7]),
  },
  block: (tensors) => crossEntropy(t2(tensors, "logits"), t1(tensors, "labels")),
  reference: (logits) => float64.crossEntropy64(logits, labels),
});

const cases: Readonly<Record<string, Case>> = {
  linear: {
    givens: {
      x: normal([5, 3], 1),
      weight: normal([4, 3], 2),
      bias: normal([4], 3),
      weights: normal([5, 4], 9),
    },
    block: (tensors) => linear(t2(tensors, "x"), t2(tensors, "weight"), t1(tensors, "bias")),
    reference: (x = [], weight = [], bias) => float64.linear64(x, weight, bias, 3),
  },
  "linear without bias": {
    givens: { x: normal([5, 3], 1), weight: normal([4, 3], 2), weights: normal([5, 4], 9) },
    block: (tensors) => linear(t2(tensors, "x"), t2(tensors, "weight")),
    reference: (x = [], weight = []) => float64.linear64(x, weight, undefined, 3),
  },
  "linear with a weight [in, out]": {
    givens: {
      x: normal([5, 3], 1),
      weight: normal([3, 4], 2),
      bias: normal([4], 3),
      weights: normal([5, 4], 9),
    },
    block: (tensors) =>
      linear(t2(tensors, "x"), t2(tensors, "weight"), t1(tensors, "bias"), "in-out"),
    reference: (x = [], weight = [], bias) => float64.linear64(x, transposed(weight, 4), bias, 3),
  },
  "linear without bias, with a weight [in, out]": {
    givens: { x: normal([5, 3], 1), weight: normal([3, 4], 2), weights: normal([5, 4], 9) },
    block: (tensors) => linear(t2(tensors, "x"), t2(tensors, "weight"), undefined, "in-out"),
    reference: (x = [], weight = []) => float64.linear64(x, transposed(weight, 4), undefined, 3),
  },
  sumRows: {
    givens: { x: normal([4, 3], 1), weights: normal([3], 9) },
    block: (tensors) => sumRows(t2(tensors, "x")),
    reference: (x = []) =>
      float64
        .rowsOf(x, 3)
        .reduce((sum, row) => sum.map((value, i) => value + (row[i] as number)), [0, 0, 0]),
  },
  layerNorm: {
    givens: {
      x: normal([4, 6], 1, 3),
      gain: normal([6], 2),
      bias: normal([6], 3),
      weights: normal([4, 6], 9),
    },
    block: (tensors) => layerNorm(t2(tensors, "x"), t1(tensors, "gain"), t1(tensors, "bias"), 1e-3),
    reference: (x = [], gain = [], bias = []) => float64.layerNorm64(x, gain, bias, 1e-3),
  },
  "gelu erf": {
    givens: { x: normal([3, 8], 1, 2), weights: normal([3, 8], 9) },
    block: ({ x }) => gelu(x!),
    reference: (x = []) => float64.geluErf64(x),
  },
  "gelu tanh": {
    givens: { x: normal([3, 8], 1, 2), weights: normal([3, 8], 9) },
    block: ({ x }) => gelu(x!, "tanh"),
    reference: (x = []) => float64.geluTanh64(x),
  },
  ...activationCases,
  ...Object.fromEntries(
    (["gelu", "gelu_python"] as const).map((name) => [
      `activation ${name}`,
      {
        givens: { x: normal([3, 8], 1, 2), weights: normal([3, 8], 9) },
        block: ({ x }: Tensors) => activate(x!, name),
        reference: (x: Row = []) => float64.geluErf64(x),
      },
    ]),
  ),
  ...Object.fromEntries(
    (["gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate"] as const).map((name) => [
      `activation ${name}`,
      {
        givens: { x: normal([3, 8], 1, 2), weights: normal([3, 8], 9) },
        block: ({ x }: Tensors) => activate(x!, name),
        reference: (x: Row = []) => float64.geluTanh64(x),
      },
    ]),
  ),
  attention: {
    givens: { ...qkv, weights: normal([6, 4], 9) },
    block: attend,
    reference: (q = [], k = [], v = []) => float64.attention64(q, k, v, shape),
  },
  "attention with padding": {
    givens: { ...qkv, weights: normal([6, 4], 9) },
    block: (tensors) =>
      attention(
        t2(tensors, "q"),
        t2(tensors, "k"),
        t2(tensors, "v"),
        shape,
        paddingMask(tf.tensor2d(seen, [2, 3], "int32")),
      ),
    reference: (q = [], k = [], v = []) =>
      float64.attention64(q, k, v, shape, (b, _, key) => (seen[b]?.[key] ? 0 : -Infinity)),
  },
  "attention to what came before": {
    givens: { ...qkv, weights: normal([6, 4], 9) },
    block: (tensors) =>
      attention(t2(tensors, "q"), t2(tensors, "k"), t2(tensors, "v"), shape, causalMask(3)),
    reference: (q = [], k = [], v = []) =>
      float64.attention64(q, k, v, shape, (_, query, key) => (key <= query ? 0 : -Infinity)),
  },
  "attention with scores of another scale": {
    givens: { ...qkv, weights: normal([6, 4], 9) },
    block: (tensors) =>
      attention(t2(tensors, "q"), t2(tensors, "k"), t2(tensors, "v"), { ...shape, scale: 0.3 }),
    // heads of 2 channels: 0.3 q stands for 0.3 sqrt(2) times what the plain attention makes of it
    reference: (q = [], k = [], v = []) =>
      float64.attention64(
        q.map((value) => 0.3 * Math.SQRT2 * value),
        k,
        v,
        shape,
      ),
  },
  crossEntropy: crossEntropyCase([0, 4, 2, 2]),
  "crossEntropy with ignored labels": crossEntropyCase([-100, 4, -100, 1], 3),
  "crossEntropy of one label": crossEntropyCase([-100, -100, 3]),
  gatherRows: {
    givens: {
      table: normal([4, 3], 1),
      ids: integers([5], [3, 0, 3, 3, 1]),
      weights: normal([5, 3], 9),
    },
    block: (tensors) => gatherRows(t1(tensors, "ids"), t2(tensors, "table")),
    reference: (table = []) => float64.gatherRows64([3, 0, 3, 3, 1], table, 3),
  },
};

describe.each(engines)("blocks on the %s engine", (_name, engine) => {
  it.each(Object.entries(cases))(
    "%s: value, and gradients by finite differences",
    async (_case, { givens, block, reference }) => {
      const actual = await evaluateWithGradients(engine, givens, block);
      const names = Object.keys(givens).filter(
        (name) => name !== "weights" && givens[name]?.dtype === "float32",
      );
      const inputs = names.map((name) => [...(givens[name]?.data ?? [])]);
      const weights = [...(givens["weights"]?.data ?? [])];
      expect(actual["value"]).toBeAllClose(reference(...inputs), TOLERANCE);
      for (const [index, gradient] of float64.gradients64(reference, inputs, weights).entries()) {
        expect(actual[`gradient/${names[index]}`], names[index]).toBeAllClose(gradient, TOLERANCE);
      }
    },
  );

  it("crossEntropy without any label is 0, and so is its gradient", async () => {
    const actual = await evaluateWithGradients(
      engine,
      {
        logits: normal([3, 4], 1),
        labels: integers([3], [-100, -100, -100]),
        weights: floats([], [1]),
      },
      (tensors) => crossEntropy(t2(tensors, "logits"), t1(tensors, "labels")),
    );
    expect(actual["value"]).toBeAllClose([0], { absolute: 0 });
    expect(actual["gradient/logits"]).toBeAllClose(new Float32Array(12), { absolute: 0 });
  });

  it("crossEntropy stays finite for scores of any size", async () => {
    const actual = await evaluateWithGradients(
      engine,
      {
        logits: floats([2, 3], [1e4, -1e4, 0, -3e4, -3e4, -3e4]),
        labels: integers([2], [1, 0]),
        weights: floats([], [1]),
      },
      (tensors) => crossEntropy(t2(tensors, "logits"), t1(tensors, "labels")),
    );
    // The mean of 2e4 and log 3, and (softmax - one-hot) / 2; float32 has 7 digits.
    expect(actual["value"]).toBeAllClose([1e4 + Math.log(3) / 2], { absolute: 0, relative: 1e-6 });
    expect(actual["gradient/logits"]).toBeAllClose([1 / 2, -1 / 2, 0, -1 / 3, 1 / 6, 1 / 6]);
  });

  it("attention that may see nothing attends to all alike", async () => {
    const nothing = await evaluate(engine, qkv, (tensors) => ({
      value: attention(
        t2(tensors, "q"),
        t2(tensors, "k"),
        t2(tensors, "v"),
        shape,
        paddingMask(tf.zeros([2, 3], "int32")),
      ),
    }));
    const v = float64.rowsOf([...qkv.v.data], 4);
    const mean = (rows: Row[]): number[] =>
      [0, 1, 2, 3].map((i) => rows.reduce((sum, row) => sum + (row[i] as number), 0) / 3);
    const [first, second] = [mean(v.slice(0, 3)), mean(v.slice(3))];
    // Scores of about 1 vanish beside the mask's -1e9 in float32.
    expect(nothing["value"]).toBeAllClose([first, first, first, second, second, second].flat());
  });

  it("layerNorm gives rows of mean 0 and variance 1", async () => {
    const x = normal([3, 4], 1);
    const one = { gain: floats([4], [1, 1, 1, 1]), bias: floats([4], [0, 0, 0, 0]) };
    const { value } = await evaluate(engine, { x, ...one }, (tensors) => ({
      value: layerNorm(t2(tensors, "x"), t1(tensors, "gain"), t1(tensors, "bias"), 0),
    }));
    for (const row of float64.rowsOf([...(value ?? [])], 4)) {
      expect(row.reduce((sum, number) => sum + number, 0)).toBeCloseTo(0, 5);
      expect(row.reduce((sum, number) => sum + number ** 2, 0)).toBeCloseTo(4, 4);
    }
  });
});

/** The recorded names of a block's inputs, in PyTorch's words, and the block on them. */
const byTorch: Readonly<Record<string, Block>> = {
  linear: (tensors) => linear(t2(tensors, "input"), t2(tensors, "weight"), t1(tensors, "bias")),
  layerNorm: (tensors) =>
    layerNorm(t2(tensors, "input"), t1(tensors, "weight"), t1(tensors, "bias"), 1e-5),
  "gelu erf": ({ input }) => gelu(input!),
  "gelu tanh": ({ input }) => gelu(input!, "tanh"),
  attention: attend,
  "attention padded": (tensors) =>
    attention(
      t2(tensors, "q"),
      t2(tensors, "k"),
      t2(tensors, "v"),
      shape,
      paddingMask(t2(tensors, "seen")),
    ),
  "attention causal": (tensors) =>
    attention(t2(tensors, "q"), t2(tensors, "k"), t2(tensors, "v"), shape, causalMask(3)),
  crossEntropy: (tensors) => crossEntropy(t2(tensors, "input"), t1(tensors, "labels")),
  embedding: (tensors) => gatherRows(t1(tensors, "ids"), t2(tensors, "table")),
  inheritingLoss: (tensors) =>
    inheritingLoss(
      { logits: t2(tensors, "input"), labels: t1(tensors, "labels") },
      t2(tensors, "teacher"),
      { alpha: tf.scalar(0.3), temperature: 2 },
    ),
};

/** Four heads of queries over two of keys and values, as recorded. */
const attendInGroups =
  (options: { readonly window?: number; readonly cap?: number } = {}): Block =>
  (tensors) =>
    attention(
      t2(tensors, "q"),
      t2(tensors, "k"),
      t2(tensors, "v"),
      { batch: 2, sequence: 3, heads: 4, keyValueHeads: 2, cap: options.cap },
      causalMask(3, options.window),
    );

const rotateTwo: Block = ({ input }) =>
  rotate(input as tf.Tensor4D, rotaryTables({ inverse: [1, 0.01], factor: 1 }, 3));

/** The blocks of decoders of today. */
const decoderBlocks: Readonly<Record<string, Block>> = {
  rmsNorm: (tensors) => rmsNorm(t2(tensors, "input"), t1(tensors, "weight"), 1e-5),
  rotate: rotateTwo,
  "rotate in part": rotateTwo,
  "attention grouped": attendInGroups(),
  "attention within a window": attendInGroups({ window: 2 }),
  "attention with a cap": attendInGroups({ cap: 0.5 }),
  gatedMlp: (tensors) =>
    gatedMlp(
      tensorParameters({
        "gate.weight": t2(tensors, "gate"),
        "up.weight": t2(tensors, "up"),
        "down.weight": t2(tensors, "down"),
      }),
      { gate: "gate", up: "up", down: "down" },
      t2(tensors, "input"),
      (x) => activate(x, "silu"),
    ),
};

const allByTorch: typeof byTorch = { ...byTorch, ...decoderBlocks };

/** Inputs of real numbers that no gradient goes to. */
const FIXED = ["weights", "teacher"];

interface Recorded {
  readonly inputs: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>
  >;
  readonly output: { readonly data: readonly number[] };
  readonly gradients: Readonly<Record<string, { readonly data: readonly number[] }>>;
}
const blocks = recorded.blocks as unknown as Readonly<Record<string, Recorded>>;

describe.each(engines)("PyTorch's numbers on the %s engine", (_name, engine) => {
  it.each(Object.entries(blocks))("%s", async (name, { inputs, output, gradients }) => {
    const givens = Object.fromEntries(
      Object.entries(inputs).map(([input, { shape, data }]) => [
        input,
        input in gradients || FIXED.includes(input) ? floats(shape, data) : integers(shape, data),
      ]),
    );
    const actual = await evaluateWithGradients(engine, givens, allByTorch[name] as Block);
    expect(actual["value"]).toBeAllClose(output.data, TOLERANCE);
    for (const [input, { data }] of Object.entries(gradients)) {
      expect(actual[`gradient/${input}`], input).toBeAllClose(data, TOLERANCE);
    }
  });

  it("covers every block", () => {
    expect(Object.keys(allByTorch)).toEqual(Object.keys(blocks));
  });
});

describe("the float64 reference", () => {
  it("knows erf to all digits", () => {
    // Abramowitz and Stegun, table 7.1
    expect(float64.erf64(0.5)).toBeCloseTo(0.5204998778130465, 14);
    expect(float64.erf64(-2)).toBeCloseTo(-0.9953222650189527, 14);
    expect(float64.erf64(0)).toBe(0);
  });
});
