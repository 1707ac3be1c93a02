import { availableParallelism } from "node:os";
import * as ort from "./onnxruntime.js";
import { EngineError } from "../engine-error.js";
import { checkInputs, checkValues } from "../check-values.js";
import { oneAtATime } from "../one-at-a-time.js";
import type { CompiledProgram, Engine, Numbers, Program, ProgramValues } from "../program.js";
import { maskStep, memoryOf } from "../random/masks.js";
import { sizeOf, type Node, type Value } from "../trace/graph.js";
import { maskKey, traceProgram, type TracedProgram } from "../trace/trace.js";
import { foldScales } from "./fold-scales.js";
import { inPlaceStates } from "./in-place.js";
import { encodeModel, type OnnxModel } from "./model.js";
import { CPU_PROVIDER, requireProvider, runAndCopy, sessionError } from "./providers.js";
import { recomputeActivations } from "./recompute.js";
import { tileUpdates, type StateTile } from "./tile-updates.js";
import { transposeFirst } from "./transpose-first.js";
import { runInto } from "./unconverted.js";

/**
 * Largest number of elements of a tile of a state update: a dozen passes over a handful of such tiles stay in the last-level
 * cache. Smaller ones are no faster, and of a tensor that is cut at all each tile's part of the gradient is copied.
 */
const TILE_SIZE = 1 << 20;

export interface OnnxEngineOptions {
  /** Threads inside one operation. Default: what the machine offers. */
  readonly threads?: number;
  /** State tensors with more elements than this are updated in tiles of at most so many. Default 2^20. */
  readonly tileSize?: number;
  /** Write onnxruntime's profile (Chrome trace JSON) to files with this prefix. */
  readonly profile?: string;
  /**
   * Where onnxruntime computes: `cpu` (default), or another execution provider of its build (`cuda`, `webgpu`, `dml`,
   * `coreml`). Operations that a provider lacks are computed on the CPU, and state crosses to it and back in every step.
   */
  readonly provider?: string;
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
  const { provider = CPU_PROVIDER } = options;
  const onHost = provider === CPU_PROVIDER;
  requireProvider(provider);
  return {
    name: onHost ? "onnx" : `onnx:${provider}`,
    async compile(program, values) {
      checkValues(program, values);
      const started = performance.now();
      const traced = withRecomputing(
        program,
        transposeFirst(foldScales(await traceProgram(program))),
      );
      const inPlace = onHost ? inPlaceStates(traced) : new Set<string>();
      const { outputs, tiles } = tileUpdates({
        ...traced,
        inPlace,
        tileSize: options.tileSize ?? TILE_SIZE,
      });
      const model = encodeModel(outputs);
      let session: ort.InferenceSession;
      try {
        session = await ort.InferenceSession.create(model.bytes, {
          executionProviders: [provider],
          intraOpNumThreads: options.threads ?? availableParallelism(),
          interOpNumThreads: 1,
          executionMode: "sequential",
          // What the further levels fuse is fused when it is recorded; they only make compiling slower.
          graphOptimizationLevel: "basic",
          // The planned pattern is one block beside the arena that the first step filled: half as much memory again for
          // one or two per cent of speed.
          enableMemPattern: false,
          logSeverityLevel: 3,
          ...(options.profile === undefined
            ? {}
            : { enableProfiling: true, profileFilePrefix: options.profile }),
        });
      } catch (cause) {
        throw sessionError(provider, cause);
      }
      return bind({ program, values, session, onHost, traced, model, inPlace, tiles, started });
    },
  };
}

function withRecomputing(program: Program, traced: TracedProgram): TracedProgram {
  if (program.recompute === undefined) return traced;
  const loss = traced.outputs[`output/${program.recompute}`];
  if (!loss)
    throw new EngineError(
      "engine/recompute",
      `The step is to compute the forward pass of its output ${program.recompute} anew, but has no such output.`,
      { expected: program.recompute, actual: Object.keys(traced.outputs).join(", ") },
    );
  return { ...traced, outputs: recomputeActivations({ ...traced, loss }) };
}

interface Binding {
  readonly program: Program;
  readonly values: ProgramValues;
  readonly session: ort.InferenceSession;
  /** Whether the session computes in the memory of this process. */
  readonly onHost: boolean;
  readonly traced: TracedProgram;
  readonly model: OnnxModel;
  readonly inPlace: ReadonlySet<string>;
  readonly tiles: ReadonlyMap<string, StateTile>;
  readonly started: number;
}

/** Ties the model's inputs and outputs to the caller's arrays. */
function bind({
  program,
  values,
  session,
  onHost,
  traced,
  model,
  inPlace,
  tiles,
  started,
}: Binding): CompiledProgram {
  const { inputs } = traced;
  /** The memory of a state tensor, or of a tile of it. */
  const stateOf = (key: string): Float32Array => {
    const tile = tiles.get(key);
    if (!tile) return values.state[key.slice("state/".length)] as Float32Array;
    return (values.state[tile.name] as Float32Array).subarray(tile.begin, tile.end);
  };
  const shapeOf = (key: string): readonly number[] =>
    inputs.get(key)?.shape ?? [stateOf(key).length];
  const feeds: Record<string, ort.Tensor> = {};
  for (const key of model.inputs) {
    if (key.startsWith("state/")) feeds[key] = toTensor(stateOf(key), shapeOf(key));
    else if (key.startsWith("frozen/")) {
      feeds[key] = toTensor(
        values.frozen[key.slice("frozen/".length)] as Float32Array,
        shapeOf(key),
      );
    }
  }
  const masks = traced.masks.flatMap((site, index) => {
    const keys = site.tensors.map((_, part) => maskKey(index, part));
    if (!keys.some((key) => model.inputs.includes(key))) return [];
    const memory = memoryOf(site);
    for (const [part, { shape, dtype }] of site.tensors.entries()) {
      const key = keys[part] as string;
      const data = memory[part] as Uint8Array | Int32Array;
      if (model.inputs.includes(key)) feeds[key] = new ort.Tensor(dtype, data, shape);
    }
    return [{ site, index, memory }];
  });
  const fetches: Record<string, ort.Tensor> = {};
  const copies: { from: Float32Array; to: Float32Array }[] = [];
  const results: { name: string; output: string }[] = [];
  let copied = 0;
  for (const { key, name, value } of model.outputs) {
    if (key.startsWith("state/")) {
      const state = stateOf(key);
      const isInPlace = tiles.has(key) || inPlace.has(key.slice("state/".length));
      const into = isInPlace || !onHost ? state : new Float32Array(state.length);
      if (into !== state) copies.push({ from: into, to: state });
      if (!isInPlace) copied += 1;
      fetches[name] = toTensor(into, value.shape);
    } else {
      const size = sizeOf(value.shape);
      const data = value.type === "float32" ? new Float32Array(size) : new Int32Array(size);
      fetches[name] = toTensor(data, value.shape);
      results.push({ name: key.slice("output/".length), output: name });
    }
  }
  const steps = oneAtATime(
    async (stepInputs) => {
      checkInputs(program, stepInputs);
      for (const name of model.inputs) {
        if (name.startsWith("input/")) {
          feeds[name] = toTensor(stepInputs[name.slice("input/".length)] as Numbers, shapeOf(name));
        }
      }
      for (const { site, index, memory } of masks) {
        const seed = program.seed as number;
        site.fill(memory, { seed, step: maskStep(stepInputs), site: index });
      }
      await (onHost ? runInto : runAndCopy)(session, feeds, fetches).catch((cause: unknown) => {
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
    },
    () => session.release(),
  );
  return {
    info: {
      operations: model.nodes.length,
      matrixFlops: matrixFlops(model.nodes),
      compileSeconds: (performance.now() - started) / 1000,
      inPlace: inPlace.size,
      copied,
    },
    state: values.state,
    frozen: values.frozen,
    run: (stepInputs) => steps.run(stepInputs),
    dispose: () => steps.dispose(),
  };
}
