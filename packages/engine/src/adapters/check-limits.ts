import { EngineError } from "../engine-error.js";
import type { DeviceLimits, WebGpuAdapter } from "./webgpu-adapter.js";

/** A tensor that a device is to hold: its shape, and bytes an element (default 4). */
export interface HeldTensor {
  readonly shape: readonly number[];
  readonly elementBytes?: number;
}

/**
 * Throws `engine/tensor-too-large` where a device cannot hold a tensor in one buffer; limits that are not known refuse
 * nothing. A tensor larger than one binding is no error: onnxruntime binds it in pieces.
 *
 * @param tensors by name
 */
export function checkLimits(
  tensors: Readonly<Record<string, HeldTensor>>,
  { limits, name: device }: { readonly limits: DeviceLimits; readonly name: WebGpuAdapter["name"] },
): void {
  const { maxBufferBytes = Infinity } = limits;
  for (const [name, { elementBytes = 4, shape }] of Object.entries(tensors)) {
    const bytes = shape.reduce((product, size) => product * size, elementBytes);
    if (bytes <= maxBufferBytes) continue;
    throw new EngineError(
      "engine/tensor-too-large",
      `${name} of shape [${shape.join(", ")}] takes ${count(bytes)} bytes, more than the ${count(maxBufferBytes)} that a buffer ` +
        `of ${device} may have. Take \`engine: "onnx"\`, or a smaller batch or sequence if it is an activation.`,
      { tensor: name, expected: `at most ${maxBufferBytes} bytes`, actual: `${bytes} bytes` },
    );
  }
}

/** Digits in groups of three. */
const count = (value: number): string => value.toLocaleString("en-US");
