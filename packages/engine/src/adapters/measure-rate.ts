import * as ort from "../onnx/onnxruntime.js";
import { chainModel, PRODUCTS } from "./probe-models.js";
import type { RatedEngine } from "./probe-request.js";

/** Speed of float32 products of square matrices. */
export interface ProductRate {
  /** Rows of the matrices. */
  readonly size: number;
  readonly flopsPerSecond: number;
}

/** Rows of the matrices that are tried, until a run takes long enough to be measured by. */
const SIZES = [64, 256, 1024, 4096] as const;
/** Shortest run to measure by, in seconds: a call to a GPU takes about a millisecond by itself. */
const LONG_ENOUGH = 0.05;

/** Runs a chain of products, and waits for its last number. */
type Chain = () => Promise<void>;

/** Measures products on an engine, of matrices with at least `rows` rows: the quickest of several runs. Throws where the engine cannot start. */
export async function measureRate(
  engine: RatedEngine,
  seconds: number,
  rows: number = SIZES[0],
): Promise<ProductRate> {
  const chainOf = await chains(engine);
  const deadline = performance.now() + seconds * 1000;
  let size = rows;
  let chain = await chainOf(size);
  let best = await quickest(chain);
  for (const larger of SIZES.filter((one) => one > rows)) {
    // sixty-four times the work, at up to eight times the speed
    if (best >= LONG_ENOUGH) break;
    size = larger;
    chain = await chainOf(size);
    best = await quickest(chain);
  }
  while (performance.now() < deadline) best = Math.min(best, await secondsOf(chain));
  return { size, flopsPerSecond: (2 * size ** 3 * PRODUCTS) / best };
}

/** Seconds of a run after the first, which compiles. */
async function quickest(chain: Chain): Promise<number> {
  await chain();
  return secondsOf(chain);
}

async function secondsOf(chain: Chain): Promise<number> {
  const started = performance.now();
  await chain();
  return (performance.now() - started) / 1000;
}

async function chains(engine: RatedEngine): Promise<(size: number) => Promise<Chain>> {
  if (engine.library === "onnxruntime") return (size) => sessionChain(engine.provider, size);
  // onnxruntime's probes need not wait until it is loaded
  return (await import("./tensorflow-chain.js")).tensorFlowChains(engine.device);
}

async function sessionChain(provider: string, size: number): Promise<Chain> {
  const session = await ort.InferenceSession.create(chainModel(size), {
    executionProviders: [provider],
    logSeverityLevel: 3,
  });
  const x = new ort.Tensor("float32", [1 / size], [1]);
  return async () => void (await session.run({ x }));
}
