import { availableParallelism } from "node:os";
import * as ort from "./onnxruntime.js";
import { checkValues } from "../check-values.js";
import { inCallersArrays, oneAtATime } from "../one-at-a-time.js";
import type { Engine } from "../program.js";
import { traceProgram } from "../trace/trace.js";
import { PROVIDER } from "../webgpu/session.js";
import { createWebGpuEngine } from "../webgpu/webgpu-engine.js";
import { bindModel } from "./bind-model.js";
import { foldScales } from "./fold-scales.js";
import { inPrecision } from "./half-products.js";
import { inPlaceStates } from "./in-place.js";
import { matrixFlops } from "./matrix-flops.js";
import { encodeModel } from "./model.js";
import { CPU_PROVIDER, requireProvider, sessionError } from "./providers.js";
import { tileUpdates } from "./tile-updates.js";
import { transposeFirst } from "./transpose-first.js";
import { withRecomputing } from "./with-recomputing.js";

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
   * Where onnxruntime computes: `cpu` (default), or another execution provider of its build (`cuda`, `dml`, `coreml`).
   * Operations that a provider lacks are computed on the CPU, and state crosses to it and back in every step; but for
   * `webgpu`, which is {@link createWebGpuEngine}.
   */
  readonly provider?: string;
}

/**
 * The default engine: traces a program into one graph and runs it with onnxruntime's native CPU kernels. State is
 * handed to onnxruntime as the caller's arrays and written back into them, in place wherever that is safe.
 */
export function createOnnxEngine(options: OnnxEngineOptions = {}): Engine {
  const { provider = CPU_PROVIDER } = options;
  if (provider === PROVIDER)
    return createWebGpuEngine(options.profile === undefined ? {} : { profile: options.profile });
  const onHost = provider === CPU_PROVIDER;
  requireProvider(provider);
  return {
    name: onHost ? "onnx" : `onnx:${provider}`,
    async compile(program, values) {
      checkValues(program, values);
      const started = performance.now();
      const traced = inPrecision(
        program,
        withRecomputing(program, transposeFirst(foldScales(await traceProgram(program)))),
        // onnxruntime has no float16 kernels on the CPU: its own casts would undo those that round
        onHost ? "rounded" : "native",
      );
      const inPlace = onHost ? inPlaceStates(traced) : new Set<string>();
      const { outputs, tiles } = tileUpdates({
        ...traced,
        inPlace,
        tileSize: options.tileSize ?? TILE_SIZE,
      });
      const model = encodeModel(outputs);
      const session = await createSession(model.bytes, provider, options);
      const { copied, run } = bindModel({
        program,
        values,
        session,
        onHost,
        traced,
        model,
        inPlace,
        tiles,
      });
      return {
        info: {
          operations: model.nodes.length,
          matrixFlops: matrixFlops(model.nodes),
          compileSeconds: (performance.now() - started) / 1000,
          inPlace: inPlace.size,
          copied,
        },
        ...oneAtATime(program, {
          ...inCallersArrays(values),
          run,
          dispose: () => session.release(),
        }),
      };
    },
  };
}

async function createSession(
  bytes: Uint8Array,
  provider: string,
  { threads, profile }: OnnxEngineOptions,
): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, {
      executionProviders: [provider],
      intraOpNumThreads: threads ?? availableParallelism(),
      interOpNumThreads: 1,
      executionMode: "sequential",
      // The fusions of further levels are done while recording; here they only make compiling slower.
      graphOptimizationLevel: "basic",
      // The planned pattern is one block beside the arena that the first step filled: half as much memory again for
      // one or two per cent of speed.
      enableMemPattern: false,
      logSeverityLevel: 3,
      ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    });
  } catch (cause) {
    throw sessionError(provider, cause);
  }
}
