import { availableParallelism } from "node:os";
import * as ort from "onnxruntime-node";
import { EngineError } from "../engine-error.js";
import { checkInputs, checkValues } from "../check-values.js";
import type { CompiledProgram, Engine, Numbers, Program, ProgramValues } from "../program.js";
import { sizeOf, type Node, type Value } from "../trace/graph.js";
import { traceProgram } from "../trace/trace.js";
import { inPlaceStates } from "./in-place.js";
import { encodeModel } from "./model.js";

export interface OnnxEngineOptions {
  /** Threads inside one operation. Default: what the machine offers. */
  readonly threads?: number;
  /** Write onnxruntime's profile (Chrome trace JSON) to files with this prefix. */
  readonly profile?: string;
}

function matrixFlops(nodes: readonly Node[]): number {
  let flops = 0;
  for (const node of nodes) {
    if (node.operation !== "Gemm" && node.operation !== "FusedMatMul") continue;
    const left = node.inputs[0] as Value;
    const inner = left.shape[
      left.shape.length - (node.attributes["transA"] === 1 ? 2 : 1)
    ] as number;
    flops += 2 * inner * sizeOf((node.outputs[0] as Value).shape);
  }
  return flops;
}

const toTensor = (data: Numbers, shape: readonly number[]): ort.Tensor =>
  data instanceof Float32Array
    ? new ort.Tensor("float32", data, shape)
    : new ort.Tensor("int32", data, shape);

/**
 * The default engine: traces a program into one graph and runs it with onnxruntime's native CPU kernels. State is
 * handed to onnxruntime as the caller's arrays and written back into them, in place wherever that is safe.
 */
export function createOnnxEngine(options: OnnxEngineOptions = {}): Engine {
  return {
    name: "onnx",
    async compile(program, values) {
      checkValues(program, values);
      const started = performance.now();
      const traced = await traceProgram(program);
      const model = encodeModel(traced.outputs);
      let session: ort.InferenceSession;
      try {
        session = await ort.InferenceSession.create(model.bytes, {
          executionProviders: ["cpu"],
          intraOpNumThreads: options.threads ?? availableParallelism(),
          interOpNumThreads: 1,
          executionMode: "sequential",
          graphOptimizationLevel: "all",
          // The planned pattern is one block beside the arena that the first step filled: half as much memory again for
          // one or two per cent of speed.
          enableMemPattern: false,
          logSeverityLevel: 3,
          ...(options.profile === undefined
            ? {}
            : { enableProfiling: true, profileFilePrefix: options.profile }),
        });
      } catch (cause) {
        throw new EngineError(
          "engine/compile",
          `onnxruntime refused the traced step: ${(cause as Error).message}`,
          { cause },
        );
      }
      return bind(program, values, session, traced.inputs, model, started);
    },
  };
}

function bind(
  program: Program,
  values: ProgramValues,
  session: ort.InferenceSession,
  inputs: ReadonlyMap<string, Value>,
  model: ReturnType<typeof encodeModel>,
  started: number,
): CompiledProgram {
  const states = new Map<string, { before: Value; updated: Value }>();
  for (const { key, value } of model.outputs) {
    if (key.startsWith("state/"))
      states.set(key.slice(6), { before: inputs.get(key) as Value, updated: value });
  }
  const inPlace = inPlaceStates(
    model.nodes,
    states,
    model.outputs.map(({ value }) => value),
  );
  const feeds: Record<string, ort.Tensor> = {};
  for (const name of model.inputs) {
    const [kind, ...rest] = name.split("/") as [string, ...string[]];
    const key = rest.join("/");
    const value = inputs.get(name) as Value;
    if (kind === "state") feeds[name] = toTensor(values.state[key] as Float32Array, value.shape);
    else if (kind === "frozen")
      feeds[name] = toTensor(values.frozen[key] as Float32Array, value.shape);
  }
  const fetches: Record<string, ort.Tensor> = {};
  const copies: { from: Float32Array; to: Float32Array }[] = [];
  const results: { name: string; output: string }[] = [];
  for (const { key, name, value } of model.outputs) {
    if (key.startsWith("state/")) {
      const state = values.state[key.slice(6)] as Float32Array;
      const into = inPlace.has(key.slice(6)) ? state : new Float32Array(state.length);
      if (into !== state) copies.push({ from: into, to: state });
      fetches[name] = toTensor(into, value.shape);
    } else {
      const size = sizeOf(value.shape);
      fetches[name] = toTensor(
        value.type === "float32" ? new Float32Array(size) : new Int32Array(size),
        value.shape,
      );
      results.push({ name: key.slice(7), output: name });
    }
  }
  let running = false;
  let released: Promise<void> | undefined;
  return {
    info: {
      operations: model.nodes.length,
      matrixFlops: matrixFlops(model.nodes),
      compileSeconds: (performance.now() - started) / 1000,
      inPlace: inPlace.size,
      copied: copies.length,
    },
    state: values.state,
    async run(stepInputs) {
      if (released)
        throw new EngineError(
          "engine/disposed",
          "This compiled program was disposed of; compile it again to run it.",
        );
      if (running)
        throw new EngineError(
          "engine/busy",
          "A compiled program runs one step at a time; await the one before.",
        );
      running = true;
      try {
        checkInputs(program, stepInputs);
        for (const name of model.inputs) {
          if (name.startsWith("input/")) {
            feeds[name] = toTensor(
              stepInputs[name.slice(6)] as Numbers,
              (inputs.get(name) as Value).shape,
            );
          }
        }
        await session.run(feeds, fetches).catch((cause: unknown) => {
          throw new EngineError(
            "engine/run",
            `onnxruntime failed to run the step: ${(cause as Error).message}`,
            { cause },
          );
        });
        for (const { from, to } of copies) to.set(from);
        return Object.fromEntries(
          results.map(({ name, output }) => [
            name,
            (fetches[output] as ort.Tensor).data.slice() as Numbers,
          ]),
        );
      } finally {
        running = false;
      }
    },
    dispose: () => (released ??= session.release()),
  };
}
