import type { HeldType } from "../device-memory.js";
import type * as ort from "../onnx/onnxruntime.js";
import type { ValueMessage } from "../onnx/messages.js";
import { encodeSmallModel } from "../onnx/small-model.js";
import { toTensor } from "../onnx/to-tensor.js";
import { DATA_TYPE } from "../trace/graph.js";
import type { Location } from "./session.js";
import { stepError } from "./step-error.js";

/** Moves numbers between the memory of this process and a device's. */
export interface DeviceTransfer {
  /** A tensor on the device; of float16, the numbers rounded to nearest, which is done there. */
  upload(data: Float32Array, shape: readonly number[], type: HeldType): Promise<ort.Tensor>;
  /** Numbers of a float32 tensor. */
  download(tensor: ort.Tensor): Promise<Float32Array>;
}

/** Opens a session whose output `y` is left where it is asked for. */
export type OpenTransfer = (
  model: Uint8Array,
  location: Location,
) => Promise<Pick<ort.InferenceSession, "run">>;

/** A one-node ONNX model: y = x of any sizes, x float32 and y of a type. */
function transferModel(rank: number, type: HeldType): Uint8Array {
  const value = (name: string, of: HeldType): ValueMessage => ({
    name,
    type: of,
    shape: Array.from({ length: rank }, (_, axis) => `axis_${axis}`),
  });
  const ends = { inputs: ["x"], outputs: ["y"] };
  return encodeSmallModel({
    name: "transfer",
    nodes: [
      type === "float32"
        ? { operation: "Identity", ...ends }
        : { operation: "Cast", ...ends, attributes: { to: DATA_TYPE[type] } },
    ],
    inputs: [value("x", "float32")],
    outputs: [value("y", type)],
  });
}

/**
 * Transfers by sessions of their own: onnxruntime-node has no other way up or down (`getData` of a tensor on the device ends
 * the process). Sessions of a provider share its device.
 */
export function createTransfer(open: OpenTransfer): DeviceTransfer {
  const sessions = new Map<string, ReturnType<OpenTransfer>>();
  const session = (rank: number, location: Location, type: HeldType): ReturnType<OpenTransfer> => {
    const key = `${rank} ${location} ${type}`;
    const found = sessions.get(key) ?? open(transferModel(rank, type), location);
    sessions.set(key, found);
    return found;
  };
  const move = async (x: ort.Tensor, location: Location, type: HeldType): Promise<ort.Tensor> => {
    const opened = await session(x.dims.length, location, type);
    try {
      return (await opened.run({ x }, ["y"]))["y"] as ort.Tensor;
    } catch (cause) {
      throw stepError(cause);
    }
  };
  return {
    upload: (data, shape, type) => move(toTensor(data, shape), "gpu-buffer", type),
    download: async (tensor) => (await move(tensor, "cpu", "float32")).data as Float32Array,
  };
}
