import { checkValues } from "../check-values.js";
import { createDeviceMemory } from "../device-memory.js";
import { onDevice } from "../device-values.js";
import { EngineError } from "../engine-error.js";
import { noHalf } from "../half-unsupported.js";
import { foldScales } from "../onnx/fold-scales.js";
import { takeHalves } from "../onnx/half-inputs.js";
import { inPrecision } from "../onnx/half-products.js";
import { matrixFlops } from "../onnx/matrix-flops.js";
import { encodeModel } from "../onnx/model.js";
import type * as ort from "../onnx/onnxruntime.js";
import { requireProvider } from "../onnx/providers.js";
import { withRecomputing } from "../onnx/with-recomputing.js";
import type { Engine } from "../program.js";
import { traceProgram } from "../trace/trace.js";
import { bindDevice, changedOutputs, outputLocations } from "./bind-device.js";
import { checkSizes } from "./check-sizes.js";
import { createTransfer } from "./device-transfer.js";
import { openSession, PROVIDER } from "./session.js";
import { suitWebGpu } from "./suit-webgpu.js";

export interface WebGpuEngineOptions {
  /** Write onnxruntime's profile (Chrome trace JSON) to files with this prefix. */
  readonly profile?: string;
}

const transfer = createTransfer(async (model, location) => {
  const { session } = await openSession(model, { locations: { y: location } });
  return session;
});

let half: Promise<void> | undefined;

/** Throws `engine/no-half` where the device has no float16; it is asked once a process. */
function requireHalf(): Promise<void> {
  half ??= transfer.upload(Float32Array.of(1), [1], "float16").then(
    (one) => one.dispose(),
    (cause: unknown) => {
      if (cause instanceof EngineError && cause.code !== "engine/run") throw cause;
      throw noHalf(PROVIDER, "the device's shaders lack it (`shader-f16`).", cause);
    },
  );
  return half;
}

/** The memory of the device, which all programs of this process share. */
const memory = createDeviceMemory<ort.Tensor>({
  upload: (array, shape, type) => transfer.upload(array, shape, type),
  async download(copy, into) {
    into.set(await transfer.download(copy));
  },
  release: (copy) => copy.dispose(),
  isHeldAs: (copy, shape, type) => copy.type === type && copy.dims.join() === shape.join(),
});

/**
 * Runs programs on any GPU, by onnxruntime's WebGPU provider. State, frozen tensors and what is made of them stay on the
 * device from the first step to the last; inputs go up and outputs come down. Throws `engine/no-provider` where
 * onnxruntime-node was built without it; `compile` throws `engine/provider` where there is no adapter and
 * `engine/tensor-too-large`; a step throws `engine/device-memory` and `engine/device-lost`.
 */
export function createWebGpuEngine({ profile }: WebGpuEngineOptions = {}): Engine {
  requireProvider(PROVIDER);
  return {
    name: PROVIDER,
    async compile(program, values) {
      checkValues(program, values);
      if (program.precision === "f16") await requireHalf();
      const started = performance.now();
      const recomputing = withRecomputing(program, foldScales(await traceProgram(program)), "sum");
      const { traced, halves } = takeHalves(
        program,
        suitWebGpu(inPrecision(program, recomputing, "native")),
      );
      const model = encodeModel(changedOutputs(traced.outputs), "returned");
      await checkSizes(program, model);
      const { session, usesHost } = await openSession(model.bytes, {
        locations: outputLocations(model),
        profile,
      });
      const step = bindDevice({ program, session, traced, model });
      const compileSeconds = (performance.now() - started) / 1000;
      return {
        info: {
          operations: model.nodes.length,
          matrixFlops: matrixFlops(model.nodes),
          compileSeconds,
          inPlace: 0,
          copied: 0,
          usesHost,
          device: memory.usage,
        },
        ...onDevice({ memory, program, values, halves, step, end: () => session.release() }),
      };
    },
  };
}
