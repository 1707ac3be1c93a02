import type * as ort from "../onnx/onnxruntime.js";
import {
  IR_VERSION,
  OPSET,
  writeInput,
  writeNode,
  writeOpset,
  writeOutput,
  type ValueMessage,
} from "../onnx/messages.js";
import { toTensor } from "../onnx/to-tensor.js";
import { createProtobufWriter } from "../protobuf.js";
import type { Location } from "./session.js";
import { stepError } from "./step-error.js";

/** Moves float32 tensors between the memory of this process and a device's. */
export interface DeviceTransfer {
  upload(data: Float32Array, shape: readonly number[]): Promise<ort.Tensor>;
  download(tensor: ort.Tensor): Promise<Float32Array>;
}

/** Opens a session whose output `y` is left where it is asked for. */
export type OpenTransfer = (
  model: Uint8Array,
  location: Location,
) => Promise<Pick<ort.InferenceSession, "run">>;

/** A one-node ONNX model: y = x, of any sizes. */
function identityModel(rank: number): Uint8Array {
  const value = (name: string): ValueMessage => ({
    name,
    type: "float32",
    shape: Array.from({ length: rank }, (_, axis) => `axis_${axis}`),
  });
  const model = createProtobufWriter();
  model.integer(1, IR_VERSION);
  model.message(7, (graph) => {
    writeNode(graph, { operation: "Identity", inputs: ["x"], outputs: ["y"] });
    graph.text(2, "transfer");
    writeInput(graph, value("x"));
    writeOutput(graph, value("y"));
  });
  writeOpset(model, "", OPSET);
  return model.finish();
}

/**
 * Transfers by sessions of their own: onnxruntime-node has no other way up or down (`getData` of a tensor on the device ends
 * the process). Sessions of a provider share its device.
 */
export function createTransfer(open: OpenTransfer): DeviceTransfer {
  const sessions = new Map<string, ReturnType<OpenTransfer>>();
  const session = (rank: number, location: Location): ReturnType<OpenTransfer> => {
    const key = `${rank} ${location}`;
    const found = sessions.get(key) ?? open(identityModel(rank), location);
    sessions.set(key, found);
    return found;
  };
  const move = async (x: ort.Tensor, location: Location): Promise<ort.Tensor> => {
    const opened = await session(x.dims.length, location);
    try {
      return (await opened.run({ x }, ["y"]))["y"] as ort.Tensor;
    } catch (cause) {
      throw stepError(cause);
    }
  };
  return {
    upload: (data, shape) => move(toTensor(data, shape), "gpu-buffer"),
    download: async (tensor) => (await move(tensor, "cpu")).data as Float32Array,
  };
}
