import type { TensorMessage, ValueMessage } from "../onnx/messages.js";
import { encodeSmallModel, type SmallModel } from "../onnx/small-model.js";
import { DATA_TYPE } from "../trace/graph.js";

const encode = (model: Omit<SmallModel, "name">): Uint8Array =>
  encodeSmallModel({ name: "probe", ...model });

const floats = (name: string, shape: readonly (number | string)[]): ValueMessage => ({
  name,
  type: "float32",
  shape,
});

/** y [n] = x [n] + x: one small operation, for a provider to start with. */
export const sumModel = (): Uint8Array =>
  encode({
    nodes: [{ operation: "Add", inputs: ["x", "x"], outputs: ["y"] }],
    inputs: [floats("x", ["n"])],
    outputs: [floats("y", ["n"])],
  });

/** y [n] = x [n] + x in float16. */
export const halfModel = (): Uint8Array =>
  encode({
    nodes: [
      {
        operation: "Cast",
        inputs: ["x"],
        outputs: ["half"],
        attributes: { to: DATA_TYPE.float16 },
      },
      { operation: "Add", inputs: ["half", "half"], outputs: ["sum"] },
      { operation: "Cast", inputs: ["sum"], outputs: ["y"], attributes: { to: DATA_TYPE.float32 } },
    ],
    inputs: [floats("x", ["n"])],
    outputs: [floats("y", ["n"])],
  });

/** Splits x [parts] into single numbers: a shader that binds a buffer for each, and one for x. */
export function splitModel(parts: number): Uint8Array {
  const outputs = Array.from({ length: parts }, (_, part) => `y${part}`);
  return encode({
    nodes: [
      {
        operation: "Split",
        inputs: ["x"],
        outputs,
        attributes: { axis: 0, num_outputs: parts },
      },
    ],
    inputs: [floats("x", [parts])],
    outputs: outputs.map((name) => floats(name, [1])),
  });
}

const sizes = (name: string, shape: readonly number[]): TensorMessage => ({
  name,
  type: "int64",
  shape: [shape.length],
  raw: new Uint8Array(BigInt64Array.from(shape, BigInt).buffer),
});

/** The sum of x [1] repeated `size` times: a buffer of 4 `size` bytes. */
export function repeatModel(size: number): Uint8Array {
  return encode({
    nodes: [
      { operation: "Expand", inputs: ["x", "size"], outputs: ["repeated"] },
      {
        operation: "ReduceSum",
        inputs: ["repeated"],
        outputs: ["y"],
        attributes: { keepdims: 0 },
      },
    ],
    inputs: [floats("x", [1])],
    outputs: [floats("y", [])],
    constants: [sizes("size", [size])],
  });
}

/** Products of a chain. */
export const PRODUCTS = 16;

/**
 * Mean of W W ... W, {@link PRODUCTS} products of matrices of `size` rows that are x [1] everywhere: nothing but two numbers
 * crosses to the device and back.
 */
export function chainModel(size: number): Uint8Array {
  const steps = Array.from({ length: PRODUCTS }, (_, step) => step);
  return encode({
    nodes: [
      { operation: "Expand", inputs: ["x", "size"], outputs: ["w0"] },
      ...steps.map((step) => ({
        operation: "MatMul",
        inputs: [`w${step}`, "w0"],
        outputs: [`w${step + 1}`],
      })),
      {
        operation: "ReduceMean",
        inputs: [`w${PRODUCTS}`],
        outputs: ["y"],
        attributes: { keepdims: 0 },
      },
    ],
    inputs: [floats("x", [1])],
    outputs: [floats("y", [])],
    constants: [sizes("size", [size, size])],
  });
}
