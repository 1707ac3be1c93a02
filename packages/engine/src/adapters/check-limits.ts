import { tooLarge } from "../tensor-too-large.js";
import { sizeOf } from "../trace/graph.js";
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
    const bytes = elementBytes * sizeOf(shape);
    if (bytes <= maxBufferBytes) continue;
    const tensor = `${name} of shape [${shape.join(", ")}]`;
    throw tooLarge({ tensor, bytes, most: maxBufferBytes, device }, { tensor: name });
  }
}
