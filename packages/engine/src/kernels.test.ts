import * as tf from "@ligo/tfjs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createDraw,
  runOnce,
  type Build,
  type Draw,
  type Givens,
} from "./__fixtures__/programs.js";
import { nativeEngine, nativeName } from "./__fixtures__/native-engine.js";
import { webGpuEngine, webGpuName } from "./__fixtures__/webgpu-engine.js";
import { createOnnxEngine } from "./onnx/onnx-engine.js";
import type { Engine } from "./program.js";
import { createReferenceEngine } from "./reference-engine.js";

const onnx = createOnnxEngine({ threads: 1 });
const reference = createReferenceEngine();
const tested: readonly (readonly [string, Engine | undefined])[] = [
  ["recorded", onnx],
  [nativeName, nativeEngine],
  [webGpuName, webGpuEngine],
];

type Case = (draw: Draw) => readonly [Givens, Build];
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
type Unary = (x: tf.Tensor) => tf.Tensor;

/** A tensor of one repeated number, which a graph keeps symbolic. */
const splat = tf.fill;

/** Two shapes that broadcast: axes of size 1 and missing leading axes on either side. */
function broadcasting(draw: Draw): [number[], number[]] {
  const shape = draw.shape(draw.between(0, 4));
  const side = (): number[] =>
    shape.slice(draw.between(0, shape.length)).map((size) => (draw.between(0, 2) ? size : 1));
  const other = side();
  return draw.between(0, 1) ? [shape, other] : [other, shape];
}

const binary =
  (operation: Binary, of: "floats" | "positives" | "steps" | "integers" = "floats"): Case =>
  (draw) => {
    const [a, b] = broadcasting(draw);
    const make = (shape: number[]) =>
      of === "integers" ? draw.integers(shape, -3, 3) : draw[of](shape);
    return [{ a: make(a), b: make(b) }, ({ a, b }) => ({ y: operation(a!, b!) })];
  };

const unary =
  (operation: Unary, of: "floats" | "positives" | "integers" = "floats"): Case =>
  (draw) => {
    const shape = draw.shape(draw.between(0, 4));
    const x = of === "integers" ? draw.integers(shape, -3, 3) : draw[of](shape);
    return [{ x }, ({ x }) => ({ y: operation(x!) })];
  };

/** One output per way of a table, all of one random tensor of the given rank. */
const many =
  (
    rank: number | readonly [number, number],
    ways: Readonly<Record<string, (x: tf.Tensor, draw: Draw) => tf.Tensor>>,
  ): Case =>
  (draw) => {
    const [from, to] = typeof rank === "number" ? [rank, rank] : rank;
    const x = draw.floats(draw.shape(draw.between(from, to)));
    const seed = draw.random.integer(2 ** 31);
    // Every engine builds the program anew: both must draw the same.
    return [
      { x },
      ({ x }) =>
        Object.fromEntries(
          Object.entries(ways).map(([name, way]) => [name, way(x!, createDraw(seed))]),
        ),
    ];
  };

const axisOf = (x: tf.Tensor, draw: Draw): number =>
  draw.between(0, x.rank - 1) - (draw.between(0, 1) ? x.rank : 0);
const someAxes = (x: tf.Tensor, draw: Draw): number[] => {
  const axes = draw.permutation(x.rank).slice(0, draw.between(1, x.rank));
  return axes.toSorted((a, b) => a - b);
};
const keepDims = (draw: Draw): boolean => draw.between(0, 1) === 1;

const binaryKernels: Record<string, Case> = {
  add: binary(tf.add),
  "add of integers": binary(tf.add, "integers"),
  sub: binary(tf.sub),
  "sub of integers": binary(tf.sub, "integers"),
  mul: binary(tf.mul),
  "mul of integers": binary(tf.mul, "integers"),
  div: binary(tf.div, "positives"),
  pow: binary(tf.pow, "positives"),
  maximum: binary(tf.maximum),
  "maximum of integers": binary(tf.maximum, "integers"),
  minimum: binary(tf.minimum),
  squaredDifference: binary(tf.squaredDifference),
  equal: binary(tf.equal, "steps"),
  "equal of integers": binary(tf.equal, "integers"),
  notEqual: binary(tf.notEqual, "steps"),
  greater: binary(tf.greater, "steps"),
  "greater of integers": binary(tf.greater, "integers"),
  greaterEqual: binary(tf.greaterEqual, "steps"),
  less: binary(tf.less, "steps"),
  lessEqual: binary(tf.lessEqual, "steps"),
  logicalAnd: binary((a, b) => tf.logicalAnd(a.greater(0), b.greater(0)), "steps"),
  logicalOr: binary((a, b) => tf.logicalOr(a.greater(0), b.greater(0)), "steps"),
};

const unaryKernels: Record<string, Case> = {
  neg: unary(tf.neg),
  "neg of integers": unary(tf.neg, "integers"),
  abs: unary(tf.abs),
  "abs of integers": unary(tf.abs, "integers"),
  sqrt: unary(tf.sqrt, "positives"),
  rsqrt: unary(tf.rsqrt, "positives"),
  exp: unary(tf.exp),
  log: unary(tf.log, "positives"),
  erf: unary(tf.erf),
  tanh: unary(tf.tanh),
  sigmoid: unary(tf.sigmoid),
  relu: unary(tf.relu),
  reciprocal: unary(tf.reciprocal, "positives"),
  floor: unary(tf.floor),
  square: unary(tf.square),
  "square of integers": unary(tf.square, "integers"),
  step: unary((x) => tf.step(x)),
  "step of integers": unary((x) => tf.step(x), "integers"),
  logicalNot: unary((x) => tf.logicalNot(x.greater(0))),
  clone: unary(tf.clone),
  zerosLike: unary(tf.zerosLike),
  "onesLike of integers": unary(tf.onesLike, "integers"),
  "casts from float32": many([0, 3], {
    int32: (x) => x.mul(3).cast("int32"),
    bool: (x) => tf.floor(x).cast("bool"),
    float32: (x) => x.cast("float32"),
    back: (x) => x.greater(0).cast("float32"),
  }),
  "casts from int32": unary((x) => x.cast("float32").div(2), "integers"),
  "bool from int32": unary((x) => x.cast("bool"), "integers"),
};

const splats: Record<string, Case> = {
  "neutral and absorbing numbers": many([0, 3], {
    "x + 0": (x) => x.add(0),
    "0 + x": (x) => tf.scalar(0).add(x),
    "x - 0": (x) => x.sub(0),
    "0 - x": (x) => tf.scalar(0).sub(x),
    "x * 1": (x) => x.mul(1),
    "1 * x": (x) => tf.ones(x.shape).mul(x),
    "x * 0": (x) => x.mul(tf.zerosLike(x)),
    "x / 1": (x) => x.div(1),
    "1 / x": (x) => tf.onesLike(x).div(x.square().add(1)),
  }),
  "neutral numbers of a larger shape still broadcast": many([0, 2], {
    add: (x) => x.add(tf.zeros([3, ...x.shape])),
    sub: (x) => x.sub(tf.zeros([2, ...x.shape])),
    mul: (x) => tf.ones([2, ...x.shape]).mul(x),
    zero: (x) => x.mul(tf.zeros([2, ...x.shape])),
    div: (x) => x.div(tf.ones([1, 3, ...x.shape])),
  }),
  "splats of splats": many([0, 2], {
    add: () => splat([2, 3], 0.5).add(splat([3], 0.25)),
    sub: () => splat([2, 3], 0.5).sub(splat([1], 0.25)),
    mul: () => splat([2, 3], 0.5).mul(splat([2, 1], 3)),
    div: () => splat([2, 1], 0.5).div(splat([3], 3)),
    integers: () => splat([2, 3], 5, "int32").add(splat([2, 3], 2, "int32")),
    difference: () => splat([3], 5, "int32").sub(splat([2, 3], 2, "int32")),
    maximum: () => tf.maximum(splat([2, 3], 5), splat([2, 3], 2)),
    pow: () => tf.pow(splat([4], 2), splat([4], 3)),
    equal: () => tf.equal(splat([4], 2), splat([4], 3)),
    not: () => tf.notEqual(splat([4], 2), splat([4], 3)),
    cast: () => splat([2], -2.5).cast("int32"),
    bool: () => splat([2], 0.5).cast("bool"),
    transpose: () => splat([2, 3, 1], 7).transpose(),
    reshape: () => splat([2, 3], 7).reshape([-1]),
    slice: () => splat([4, 3], 7).slice([1, 1], [2, -1]),
    tile: () => splat([2, 3], 7).tile([2, 2]),
    sum: () => splat([4, 5], 0.5).sum(1),
    exp: () => splat([3], -1).exp(),
    used: (x) => x.add(splat([2], 1).sum()),
  }),
  "splats too large for a constant": many(2, {
    returned: () => splat([9, 9], 1.5),
    integers: () => splat([70], -3, "int32"),
    bool: () => splat([70], 1).cast("bool"),
    product: () => tf.matMul(tf.ones([1, 70]), splat([70, 2], 0.5)),
    gathered: () => tf.gather(splat([70, 2], 0.5), tf.tensor1d([3, 69], "int32")),
  }),
  "dense constants": many(0, {
    float: () =>
      tf.tensor2d([
        [1.5, -2],
        [3, 1e-30],
      ]),
    zeros: (x) => x.add(tf.tensor1d([-0, 1])),
    signs: () => tf.div(1, tf.concat([tf.tensor1d([-0, 1]), tf.tensor1d([0, 1])])),
    integer: () => tf.tensor1d([1, -2, 3], "int32"),
    bool: () => tf.tensor1d([true, false], "bool"),
    long: () => tf.tensor1d(Float32Array.from({ length: 40 }, (_, i) => i / 7)),
    reshaped: () => tf.tensor1d([1, 2, 3, 4]).reshape([2, 2]),
    range: () => tf.range(1, 8, 2),
    down: () => tf.range(5, 0, -1.5),
    count: () => tf.range(0, 5, 1, "int32"),
  }),
};

const shapes: Record<string, Case> = {
  transpose: many([1, 5], {
    once: (x, draw) => x.transpose(draw.permutation(x.rank)),
    twice: (x, draw) => x.transpose(draw.permutation(x.rank)).transpose(draw.permutation(x.rank)),
    reversed: (x) => x.transpose(),
    identity: (x) => x.transpose().transpose(),
  }),
  reshape: many([0, 4], {
    flat: (x) => x.reshape([-1]),
    chain: (x) => x.reshape([-1, 1]).reshape([1, -1]).reshape([1, x.size, 1]),
    back: (x) => x.reshape([-1]).reshape(x.shape),
    first: (x) => x.expandDims(),
    last: (x) => x.expandDims(-1),
    squeeze: (x) => x.expandDims(0).squeeze(),
  }),
  concat: many([1, 4], {
    pair: (x, draw) => tf.concat([x, x.mul(2)], axisOf(x, draw)),
    sizes: (x, draw) => {
      const axis = draw.between(0, x.rank - 1);
      const half = x.slice(0, x.shape.with(axis, 1));
      return tf.concat([half, x, tf.zeros(x.shape)], axis);
    },
  }),
  split: (draw) => {
    const shape = draw.shape(draw.between(1, 4));
    const axis = draw.between(0, shape.length - 1);
    const parts = draw.between(1, 3);
    shape[axis] = parts * draw.between(1, 2);
    const size = shape[axis];
    const first = draw.between(1, size);
    return [
      { x: draw.floats(shape) },
      ({ x }) => ({
        ...Object.fromEntries(tf.split(x!, parts, axis).map((part, i) => [`even ${i}`, part])),
        ...Object.fromEntries(
          tf
            .split(x!, first < size ? [first, size - first] : [size], axis)
            .map((part, i) => [`sized ${i}`, part]),
        ),
        ...Object.fromEntries(
          (first < size ? tf.split(x!, [first, -1], axis - shape.length) : []).map((part, i) => [
            `rest ${i}`,
            part,
          ]),
        ),
      }),
    ];
  },
  stack: many([0, 3], {
    some: (x, draw) => tf.stack([x, x.neg(), x], draw.between(0, x.rank)),
    last: (x) => tf.stack([x, x.neg()], -1),
    one: (x, draw) => tf.stack([x], draw.between(0, x.rank)),
  }),
  unstack: (draw) => {
    const x = draw.floats(draw.shape(draw.between(1, 4)));
    const axis = draw.between(-x.shape.length, x.shape.length - 1);
    return [
      { x },
      ({ x }) => Object.fromEntries(tf.unstack(x!, axis).map((part, i) => [String(i), part])),
    ];
  },
  slice: many([1, 4], {
    some: (x, draw) => {
      const begin = x.shape.map((size) => draw.between(0, size - 1));
      return x.slice(
        begin,
        x.shape.map((size, axis) => draw.between(1, size - (begin[axis] as number))),
      );
    },
    rest: (x, draw) => x.slice(x.shape.map((size) => draw.between(0, size - 1))),
    "first axis": (x, draw) => x.slice(draw.between(0, x.shape[0] - 1)),
    "short size": (x) => x.slice(0, 1),
    all: (x) => x.slice(x.shape.map(() => 0)),
  }),
  pad: many([1, 4], {
    zeros: (x, draw) =>
      tf.pad(
        x,
        x.shape.map(() => [draw.between(0, 2), draw.between(0, 2)]),
      ),
    number: (x) =>
      tf.pad(
        x,
        x.shape.map(() => [1, 0]),
        -1.5,
      ),
  }),
  tile: many([1, 4], {
    some: (x, draw) =>
      tf.tile(
        x,
        x.shape.map(() => draw.between(1, 3)),
      ),
  }),
  broadcastTo: many([1, 3], { some: (x) => tf.broadcastTo(x, [2, ...x.shape]) }),
};

const picks: Record<string, Case> = {
  gather: (draw) => {
    const shape = draw.shape(draw.between(1, 4));
    const axis = draw.between(0, shape.length - 1);
    const ids = draw.integers(draw.shape(draw.between(0, 2)), 0, (shape[axis] as number) - 1);
    return [
      { x: draw.floats(shape), ids },
      ({ x, ids }) => ({
        picked: tf.gather(x!, ids as tf.Tensor1D, axis),
        gradient: tf.grad((z) => tf.gather(z, ids!.flatten(), axis).square())(x!),
      }),
    ];
  },
  "gather along an axis from the end": (draw) => {
    const shape = draw.shape(draw.between(1, 4));
    const axis = draw.between(1, shape.length);
    const ids = draw.integers(draw.shape(1), 0, (shape.at(-axis) as number) - 1);
    return [
      { x: draw.floats(shape), ids },
      ({ x, ids }) => ({ picked: tf.gather(x!, ids as tf.Tensor1D, -axis) }),
    ];
  },
  unsortedSegmentSum: (draw) => {
    const shape = draw.shape(draw.between(1, 3));
    const segments = draw.between(1, 5);
    const ids = draw.integers([shape[0] as number], 0, segments - 1);
    return [
      { x: draw.floats(shape), ids },
      ({ x, ids }) => {
        const y = tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, segments);
        // Sums that something is added to are summed into it, on either side and where both are sums.
        return {
          y,
          right: y.add(y.square()),
          left: y.square().add(y),
          both: y.add(y),
          row: y.add(1),
        };
      },
    ];
  },
  oneHot: (draw) => {
    const depth = draw.between(2, 4);
    // -100 marks a label that does not count; it and all others beyond the classes give a row without a one.
    const ids = draw.integers(draw.shape(draw.between(0, 2)), -2, depth + 1);
    if (ids.data.length > 0) ids.data[0] = draw.pick([-100, 0]);
    return [
      { ids },
      ({ ids }) => ({
        integers: tf.oneHot(ids!, depth),
        floats: tf.oneHot(ids!, depth, 1, 0, "float32"),
        smooth: tf.oneHot(ids!, depth, 0.9, 0.05, "float32"),
        bool: tf.oneHot(ids!, depth, 1, 0, "bool"),
      }),
    ];
  },
  where: (draw) => {
    const shape = draw.shape(draw.between(0, 4));
    const side = (): number[] => shape.slice(draw.between(0, shape.length));
    return [
      { c: draw.steps(shape), a: draw.floats(side()), b: draw.floats(side()) },
      ({ c, a, b }) => ({
        floats: tf.where(c!.greater(0), a!, b!),
        scalar: tf.where(c!.greaterEqual(0), a!, tf.scalar(-1)),
        condition: tf.where(c!.sum().greater(0), a!, b!),
        integers: tf.where(c!.greater(0), tf.scalar(1, "int32"), tf.zeros(shape, "int32")),
      }),
    ];
  },
};

const reductions: Record<string, Case> = {
  "sum, mean, max, min": many([1, 4], {
    sum: (x, draw) => x.sum(someAxes(x, draw), keepDims(draw)),
    mean: (x, draw) => x.mean(someAxes(x, draw), keepDims(draw)),
    max: (x, draw) => x.max(someAxes(x, draw), keepDims(draw)),
    min: (x, draw) => x.min(someAxes(x, draw), keepDims(draw)),
    negative: (x) => x.sum(-1),
    "sum of all": (x) => x.sum(),
    "mean of all": (x) => x.mean(),
    "max of all": (x) => x.max(undefined, true),
    "sum gradient": (x, draw) => tf.grad((z) => z.sum(someAxes(z, draw)).square().sum())(x),
    "mean gradient": (x, draw) => tf.grad((z) => z.mean(someAxes(z, draw)).square().sum())(x),
    "max gradient": (x, draw) => tf.grad((z) => z.max(someAxes(z, draw)).square().sum())(x),
  }),
  "of scalars": many(0, { sum: (x) => x.sum(), mean: (x) => x.mean(), max: (x) => x.max() }),
  "of integers": unary((x) => x.sum(), "integers"),
  "largest of integers": unary((x) => x.max(), "integers"),
  "count of a condition": unary((x) => x.greater(0).sum()),
  argMax: many([1, 4], {
    some: (x, draw) => x.argMax(axisOf(x, draw)),
    first: (x) => x.argMax(),
    ties: (x) => tf.zerosLike(x).argMax(-1),
  }),
  softmax: many([1, 4], {
    value: (x) => tf.softmax(x.mul(5)),
    gradient: (x) => tf.grad((z) => tf.softmax(z).square().sum())(x),
    "of large numbers": (x) => tf.softmax(x.add(1e4)),
    log: (x) => tf.logSoftmax(x),
  }),
  addN: many([0, 3], {
    three: (x) => tf.addN([x, x.square(), x.neg().exp()]),
    one: (x) => tf.addN([x]),
  }),
};

/** A matrix, or a batch of them, to be read with or without its last axes swapped. */
const swapped = (shape: readonly number[], swap: boolean): number[] => {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return [...shape.slice(0, -2), ...(swap ? [columns, rows] : [rows, columns])];
};
const swapLast = (x: tf.Tensor): tf.Tensor => {
  const axes = x.shape.map((_, axis) => axis);
  return x.transpose([...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
};

/** Products of all transpose flags, of plain and of transposed operands, of batches of the given shapes. */
const products =
  (leftBatch: (draw: Draw) => readonly number[], rightBatch = leftBatch): Case =>
  (draw) => {
    const [m, k, n] = draw.shape(3) as [number, number, number];
    const seed = draw.random.integer(2 ** 31);
    const [left, right] = [leftBatch(createDraw(seed)), rightBatch(createDraw(seed))];
    const givens: Record<string, ReturnType<Draw["floats"]>> = {};
    for (const a of [false, true]) givens[`a${a}`] = draw.floats(swapped([...left, m, k], a));
    for (const b of [false, true]) givens[`b${b}`] = draw.floats(swapped([...right, k, n], b));
    return [
      givens,
      (inputs) => {
        const outputs: Record<string, tf.Tensor> = {};
        for (const a of [false, true]) {
          for (const b of [false, true]) {
            const x = inputs[`a${a}`] as tf.Tensor;
            const y = inputs[`b${b}`] as tf.Tensor;
            const product = tf.matMul(x, y, a, b);
            outputs[`${a} ${b}`] = product;
            outputs[`${a} ${b} transposed`] = tf.matMul(swapLast(x), swapLast(y), !a, !b);
            outputs[`${a} ${b} scaled`] = product.mul(0.5);
            outputs[`${a} ${b} scaled twice`] = tf.scalar(-2).mul(product.mul(0.5));
          }
        }
        return outputs;
      },
    ];
  };

const fusedProducts =
  (batch: readonly number[]): Case =>
  (draw) => {
    const [m, k, n] = draw.shape(3) as [number, number, number];
    const flags = { transposeA: draw.between(0, 1) === 1, transposeB: draw.between(0, 1) === 1 };
    const givens = {
      a: draw.floats(swapped([...batch, m, k], flags.transposeA)),
      b: draw.floats(swapped([...batch, k, n], flags.transposeB)),
      row: draw.floats([n]),
      whole: draw.floats([...batch, m, n]),
    };
    return [
      givens,
      (inputs) => {
        const { a, b, row, whole } = inputs as Record<keyof typeof givens, tf.Tensor2D>;
        return {
          plain: tf.fused.matMul({ a, b, ...flags }),
          row: tf.fused.matMul({ a, b, ...flags, bias: row }),
          "scaled after the bias": tf.fused.matMul({ a, b, ...flags, bias: row }).mul(2),
          constant: tf.fused.matMul({ a, b, ...flags, bias: splat([n], 3) }),
          whole: tf.fused.matMul({ a, b, ...flags, bias: whole }),
        };
      },
    ];
  };

const matrices: Record<string, Case> = {
  "matMul of matrices": products(() => []),
  "matMul of batches": products((draw) => draw.shape(1)),
  "matMul of batches of one": products(() => [1]),
  "matMul of batches of heads": products((draw) => draw.shape(2)),
  "matMul with a broadcast batch": products(
    (draw) => [draw.between(1, 3)],
    () => [1],
  ),
  "matMul of a matrix by a batch": products(
    () => [],
    () => [2, 3],
  ),
  "fused matMul of matrices": fusedProducts([]),
  "fused matMul of batches": fusedProducts([3]),
};

/** Kernels of our own on the engine that has them, spelled out on the reference engine. */
const own =
  (
    kernel: string,
    attributes: tf.NamedAttrMap,
    spelledOut: (inputs: Readonly<Record<string, tf.Tensor>>) => tf.Tensor[],
  ): ((givens: (draw: Draw) => Givens) => Case) =>
  (givens) =>
  (draw) => [
    givens(draw),
    (inputs) => {
      const here = tf.getKernel(kernel, tf.getBackend());
      const results: tf.Tensor | tf.Tensor[] = here
        ? tf.engine().runKernel(kernel, { ...inputs }, attributes)
        : spelledOut(inputs);
      return Object.fromEntries([results].flat().map((result, i) => [String(i), result]));
    },
  ];

const ownKernels: Record<string, Case> = {
  LigoLayerNormalization: own("LigoLayerNormalization", { epsilon: 1e-3 }, ({ x, gain, bias }) => {
    const mean = x!.mean(-1, true);
    const inverse = tf.rsqrt(x!.sub(mean).square().mean(-1, true).add(1e-3));
    return [x!.sub(mean).mul(inverse).mul(gain!).add(bias!), mean, inverse];
  })((draw) => {
    const [rows, n] = draw.shape(2) as [number, number];
    return { x: draw.floats([rows, n]), gain: draw.floats([n]), bias: draw.floats([n]) };
  }),
  LigoGelu: own("LigoGelu", {}, ({ x }) => {
    const twicePhi = x!.mul(Math.SQRT1_2).erf().add(1);
    const density = x!
      .square()
      .mul(-0.5)
      .exp()
      .mul(Math.sqrt(2 / Math.PI));
    return [x!.mul(0.5).mul(twicePhi), twicePhi.add(x!.mul(density))];
  })((draw) => ({
    x: draw.floats(draw.shape(draw.between(1, 3))),
  })),
};

const groups: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  binary: binaryKernels,
  unary: unaryKernels,
  "constant numbers": splats,
  shape: shapes,
  "picking and choosing": picks,
  reduction: reductions,
  "matrix product": matrices,
  "our own": ownKernels,
};

/** Computations that tfjs-node refuses, and its words; model code has no use for either. */
const refused: Readonly<Record<string, string>> = {
  "step of integers": "Value for attr 'T' of int32",
  "gather along an axis from the end": "GatherV2: the index value",
};

const runs = tested.flatMap(([name, engine]) =>
  Object.entries(groups).map(([group, cases]) => ({ name, engine, group, cases })),
);

for (const { name, engine, group, cases } of runs) {
  describe.skipIf(engine === undefined)(`${name} kernels: ${group}`, () => {
    it.each(Object.entries(cases))("%s", async (caseName, make) => {
      await fc.assert(
        fc.asyncProperty(fc.integer(), async (seed) => {
          const [givens, build] = make(createDraw(seed));
          const expected = await runOnce(reference, givens, build);
          const running = runOnce(engine as Engine, givens, build);
          if (engine === nativeEngine && Object.hasOwn(refused, caseName)) {
            await expect(running).rejects.toThrow(refused[caseName]);
            return;
          }
          const actual = await running;
          expect(Object.keys(actual)).toEqual(Object.keys(expected));
          for (const [output, numbers] of Object.entries(actual)) {
            const wanted = expected[output];
            expect(numbers.constructor, output).toBe(wanted?.constructor);
            // float32 sums in another order; the erf of TensorFlow.js is an approximation with an error of 1.5e-7.
            expect(numbers, output).toBeAllClose(wanted, { absolute: 2e-6, relative: 2e-5 });
          }
        }),
        // each shape is a shader of its own there, which takes a driver in software longer than all else
        { numRuns: engine === webGpuEngine ? 2 : 10, seed: 1 },
      );
    });
  });
}
