import type * as ort from "./onnxruntime.js";
import type { ProtobufWriter } from "../protobuf.js";

/**
 * onnxruntime-node hands every output back as a fresh array, also where the caller gave the memory to write it into: a
 * copy of all parameters and moments in each step, into memory the system has yet to provide. It converts outputs in
 * order, after the run, and gives up at the first that is not a tensor. So our models have such an output in front: the run
 * is complete, everything lies in the caller's memory, and nothing is copied.
 */
const UNCONVERTED = "unconverted";
/** Message of the binding about an output that it cannot convert. */
const COMPLAINT = "Non tensor type";

/** `GraphProto` fields of an operation that makes an empty sequence, and of the output it becomes. */
export function writeUnconverted(graph: ProtobufWriter): void {
  graph.message(1, (node) => {
    node.text(2, UNCONVERTED);
    node.text(4, "SequenceEmpty");
  });
  graph.message(12, (output) => {
    output.text(1, UNCONVERTED);
    output.message(2, (type) =>
      type.message(4, (sequence) =>
        sequence.message(1, (element) =>
          element.message(1, (tensor) => {
            tensor.integer(1, 1);
            tensor.message(2, () => undefined);
          }),
        ),
      ),
    );
  });
}

/** Runs a model with {@link writeUnconverted}'s output; results are written into the memory of `fetches` alone. */
export async function runInto(
  session: ort.InferenceSession,
  feeds: Readonly<Record<string, ort.Tensor>>,
  fetches: Readonly<Record<string, ort.Tensor>>,
): Promise<void> {
  try {
    await session.run(feeds, { [UNCONVERTED]: null, ...fetches });
  } catch (cause) {
    if (!(cause instanceof Error) || !cause.message.includes(COMPLAINT)) throw cause;
  }
}
