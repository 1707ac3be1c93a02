import { checkLimits, type HeldTensor } from "../adapters/check-limits.js";
import { webgpuAdapter, type WebGpuAdapter } from "../adapters/webgpu-adapter.js";
import type { OnnxModel } from "../onnx/model.js";
import type { Program } from "../program.js";
import { sizeOf, type ElementType } from "../trace/graph.js";

/** Bytes of a buffer that every WebGPU device makes. */
const EVERY_DEVICE = 2 ** 28;
const elementBytes = (type: ElementType): number => (type === "float16" ? 2 : 4);

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
    Object.entries(specs).map(([name, { dtype, shape }]) => [name, shape, dtype] as const),
  );
  const made = nodes.flatMap(({ operation, outputs }) =>
    outputs.map(({ shape, type }) => [`a result of ${operation}`, shape, type] as const),
  );
  const large: Record<string, HeldTensor> = {};
  for (const [name, shape, type] of [...declared, ...made]) {
    const bytes = elementBytes(type);
    if (bytes * sizeOf(shape) > EVERY_DEVICE) large[name] = { shape, elementBytes: bytes };
  }
  if (Object.keys(large).length === 0) return;
  const adapter = await findAdapter();
  if (adapter) checkLimits(large, adapter);
}
