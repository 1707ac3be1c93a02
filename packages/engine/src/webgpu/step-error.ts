import { EngineError } from "../engine-error.js";
import { tooLarge } from "../tensor-too-large.js";

/** Words of onnxruntime and of Dawn, its WebGPU, for a device that was taken away or reset. */
const LOST =
  /device (?:was |is )?(?:lost|destroyed)|\bis lost\b|VK_ERROR_DEVICE_LOST|DXGI_ERROR_DEVICE/iu;
/** Words for memory that the device does not have: an allocation that fails gives a buffer that is invalid. */
const NO_MEMORY =
  /out of (?:device |host )?memory|OUT_OF_(?:DEVICE|HOST)_MEMORY|E_OUTOFMEMORY|failed to create GPU buffer|\[Invalid Buffer/iu;
/** A buffer of more bytes than the device makes. */
const TOO_LARGE = /Buffer size \((\d+)\) exceeds the max buffer size limit \((\d+)\)/u;

/**
 * Error for a step that failed on the device: `engine/tensor-too-large`, `engine/device-memory`, `engine/device-lost`, else
 * `engine/run` in onnxruntime's words.
 */
export function stepError(cause: unknown): EngineError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const [, bytes, most] = TOO_LARGE.exec(message) ?? [];
  if (bytes !== undefined)
    return tooLarge(
      {
        tensor: "A tensor of the step",
        bytes: Number(bytes),
        most: Number(most),
        device: "the device",
      },
      { cause },
    );
  if (LOST.test(message))
    return new EngineError(
      "engine/device-lost",
      "The device was lost: its driver was reset or stopped, or another program took it. What was saved before is intact; " +
        `go on from there. onnxruntime says: ${message}`,
      { cause },
    );
  if (NO_MEMORY.test(message))
    return new EngineError(
      "engine/device-memory",
      "The device has not enough memory for the step. Take a smaller `batch` with more `accumulate`, or compute activations " +
        `anew with \`checkpointActivations\`. onnxruntime says: ${message}`,
      { cause },
    );
  return new EngineError("engine/run", `onnxruntime failed to run the step: ${message}`, { cause });
}
