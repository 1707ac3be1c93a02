import { createProtobufWriter } from "../protobuf.js";
import { reachable, type Node, type Value } from "../trace/graph.js";
import { createGraphWriter, type GraphWriter } from "./graph-writer.js";
import { IR_VERSION, OPSET, writeInput, writeOpset, writeOutput } from "./messages.js";
import { writeUnconverted } from "./unconverted.js";

/** An output of a model. */
export interface ModelOutput {
  /** The key it was asked for by. */
  readonly key: string;
  /** Its name in the model. */
  readonly name: string;
  readonly value: Value;
}

/** A serialised ONNX model and what it holds. */
export interface OnnxModel {
  readonly bytes: Uint8Array;
  readonly nodes: readonly Node[];
  /** Names of declared inputs the model really reads. */
  readonly inputs: readonly string[];
  readonly outputs: readonly ModelOutput[];
}

/** How outputs come back: written into memory of the caller, or as new tensors. */
export type OutputMode = "written" | "returned";

/**
 * Writes a traced graph as an ONNX model (opset 20 and `com.microsoft`): only what the outputs depend on, constants as
 * initialisers, large splats expanded at run time. Where outputs are `written`, the first is that of
 * {@link writeUnconverted}.
 */
export function encodeModel(
  requested: Readonly<Record<string, Value>>,
  mode: OutputMode = "written",
): OnnxModel {
  // onnxruntime runs a model from its last output back, depth first, and of a node's operands the one that stands last in
  // the model first. Written so, sums of gradients grow from the first to the last: each is added when it is made.
  const nodes = reachable(Object.values(requested), "last");
  const graph = createGraphWriter();
  for (const node of nodes) graph.node(node);
  const outputs = nameOutputs(graph, requested);
  return { bytes: modelOf(graph, outputs, mode), nodes, inputs: [...graph.inputs.keys()], outputs };
}

/** A graph output needs a node of its own: two requested outputs may be one value, or an input passed through. */
function nameOutputs(
  graph: GraphWriter,
  requested: Readonly<Record<string, Value>>,
): readonly ModelOutput[] {
  const taken = new Set<string>();
  return Object.entries(requested).map(([key, value], index) => {
    const own = graph.nameOf(value);
    if (value.source.kind === "node" && !taken.has(own)) {
      taken.add(own);
      return { key, name: own, value };
    }
    const name = `output_${index}`;
    graph.alias(value, name);
    return { key, name, value };
  });
}

/** The `ModelProto` of all that was written. */
function modelOf(
  graph: GraphWriter,
  outputs: readonly ModelOutput[],
  mode: OutputMode,
): Uint8Array {
  const title = createProtobufWriter();
  title.text(2, "step");
  const { nodes, initialisers } = graph.finish();
  const ends = createProtobufWriter();
  if (mode === "written") writeUnconverted(ends);
  for (const [name, { type, shape }] of graph.inputs) writeInput(ends, { name, type, shape });
  for (const { name, value } of outputs)
    writeOutput(ends, { name, type: value.type, shape: value.shape });

  const model = createProtobufWriter();
  model.integer(1, IR_VERSION);
  model.text(2, "ligo");
  model.bytes(7, joined([title.finish(), nodes, initialisers, ends.finish()]));
  writeOpset(model, "", OPSET);
  writeOpset(model, "com.microsoft", 1);
  return model.finish();
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
