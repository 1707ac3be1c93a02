import {
  IR_VERSION,
  OPSET,
  writeInitialiser,
  writeInput,
  writeNode,
  writeOpset,
  writeOutput,
  type NodeMessage,
  type TensorMessage,
  type ValueMessage,
} from "./messages.js";
import type { OutputMode } from "./model.js";
import { createProtobufWriter } from "../protobuf.js";
import { writeUnconverted } from "./unconverted.js";

/** A model of a few operations that is written by hand, not traced. */
export interface SmallModel {
  readonly name: string;
  readonly nodes: readonly NodeMessage[];
  readonly inputs: readonly ValueMessage[];
  readonly outputs: readonly ValueMessage[];
  readonly constants?: readonly TensorMessage[];
  /** Default `returned`. */
  readonly mode?: OutputMode;
}

/** Writes a small model with ONNX's own operations alone. */
export function encodeSmallModel({
  name,
  nodes,
  inputs,
  outputs,
  constants = [],
  mode = "returned",
}: SmallModel): Uint8Array {
  const model = createProtobufWriter();
  model.integer(1, IR_VERSION);
  model.message(7, (graph) => {
    for (const node of nodes) writeNode(graph, node);
    graph.text(2, name);
    for (const constant of constants) writeInitialiser(graph, constant);
    for (const input of inputs) writeInput(graph, input);
    if (mode === "written") writeUnconverted(graph);
    for (const output of outputs) writeOutput(graph, output);
  });
  writeOpset(model, "", OPSET);
  return model.finish();
}
