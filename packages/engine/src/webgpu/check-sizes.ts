import { checkLimits, type HeldTensor } from "../adapters/check-limits.js";
import { webgpuAdapter, type WebGpuAdapter } from "../adapters/webgpu-adapter.js";
import type { OnnxModel } from "../onnx/model.js";
import type { Program } from "../program.js";
import { sizeOf } from "../trace/graph.js";

/** Bytes of a buffer that every WebGPU device makes. */
const EVERY_DEVICE = 2 ** 28;
const ELEMENT_BYTES = 4;

/**
 * Throws `engine/tensor-too-large` where the device cannot make a buffer for one of a program's tensors or for a result in
 * its step. The adapter is asked only where a tensor is larger than any device can hold for certain.
 */
export async function checkSizes(
  program: Program,
  { nodes }: Pick<OnnxModel, "nodes">,
  findAdapter: () => Promise<WebGpuAdapter | undefined> = async () =>
    (await webgpuAdapter()).adapter,
): Promise<void> {
  const declared = [program.state, program.frozen, program.inputs].flatMap((specs) =>
    Object.entries(specs).map(([name, { shape }]) => [name, shape] as const),
  );
  const made = nodes.flatMap(({ operation, outputs }) =>
    outputs.map(({ shape }) => [`a result of ${operation}`, shape] as const),
  );
  const large: Record<string, HeldTensor> = {};
  for (const [name, shape] of [...declared, ...made])
    if (ELEMENT_BYTES * sizeOf(shape) > EVERY_DEVICE) large[name] = { shape };
  if (Object.keys(large).length === 0) return;
  const adapter = await findAdapter();
  if (adapter) checkLimits(large, adapter);
}
