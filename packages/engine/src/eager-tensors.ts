import * as tf from "@ligo/tfjs";
import type { Numbers, TensorSpecs } from "./program.js";

/** Tensors of TensorFlow.js with copies of the given numbers: a backend may keep the array it is given. */
export function toTensors(
  specs: TensorSpecs,
  data: Readonly<Record<string, Numbers>>,
): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape, dtype }]) => [
      name,
      tf.tensor((data[name] as Numbers).slice(), [...shape], dtype),
    ]),
  );
}

/** The numbers of tensors. A backend keeps whatever array it has when it casts, so they are brought to their type here. */
export function toNumbers(tensors: Readonly<Record<string, tf.Tensor>>): Record<string, Numbers> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const data = tensor.dataSync();
      return [name, tensor.dtype === "float32" ? Float32Array.from(data) : Int32Array.from(data)];
    }),
  );
}
