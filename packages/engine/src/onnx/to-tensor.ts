import * as ort from "./onnxruntime.js";
import type { Numbers } from "../program.js";

/** A tensor over numbers of this process, which are not copied. */
export const toTensor = (data: Numbers, shape: readonly number[]): ort.Tensor =>
  data instanceof Float32Array
    ? new ort.Tensor("float32", data, shape)
    : new ort.Tensor("int32", data, shape);
