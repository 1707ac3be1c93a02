import { changeReasons } from "./change-reasons.js";
import type { FindArchitectureOptions } from "../models/find-architecture.js";
import { loadEngine, type EngineName } from "../models/load-engine.js";
import { loadModel } from "../models/load-model.js";
import { randomInputs, readInputs } from "../models/model-inputs.js";
import { openModel, type OpenedModel } from "../models/open-model.js";
import { runForward, type Output } from "../models/run-forward.js";
import { UsageError } from "../usage-error.js";

export interface VerifyOptions extends FindArchitectureOptions {
  readonly small: string;
  readonly grown: string;
  /** A safetensors file of inputs. Default: random token ids. */
  readonly inputs?: string | undefined;
  /** Largest difference of logits that is let pass. Default 1e-5. */
  readonly tolerance?: number | undefined;
  readonly seed?: number | undefined;
  readonly engine?: EngineName | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How two models' outputs differ. */
export interface Difference {
  readonly max: number;
  readonly mean: number;
  /** Mean of KL(small || grown) over positions, in nats. */
  readonly kl: number;
}

export interface VerifyResult {
  /** `kept`: equal but for float32 rounding. */
  readonly verdict: "kept" | "within tolerance" | "changed";
  readonly tolerance: number;
  /** Every output that both models have in one shape; `logits` and the like. */
  readonly outputs: Readonly<Record<string, Difference>>;
  /** Why the function cannot be, or need not be, the same. Empty where nothing speaks against it. */
  readonly reasons: readonly string[];
}

const VERIFY_DEFAULTS = { tolerance: 1e-5, seed: 0, batch: 4, sequence: 32 } as const;

/** Share of the largest logit that differences by the order of float32 sums stay under. */
const ROUNDING = 1e-6;

/** Runs a model and what it was grown to on the same inputs, and says whether the function was kept. */
export async function verifyGrowth(options: VerifyOptions): Promise<VerifyResult> {
  const small = await openModel(options.small, options);
  try {
    const grown = await openModel(options.grown, options);
    try {
      return await compare(small, grown, options);
    } finally {
      await grown.close();
    }
  } finally {
    await small.close();
  }
}

async function compare(
  small: OpenedModel,
  grown: OpenedModel,
  options: VerifyOptions,
): Promise<VerifyResult> {
  checkFixedSizes(small, grown);
  const tolerance = options.tolerance ?? VERIFY_DEFAULTS.tolerance;
  const { batch } = VERIFY_DEFAULTS;
  const { inputs: taken } = await loadModel(small.spec);
  const seed = options.seed ?? VERIFY_DEFAULTS.seed;
  const inputs =
    options.inputs === undefined
      ? randomInputs(taken, { batch, sequence: VERIFY_DEFAULTS.sequence, seed })
      : await readInputs(options.inputs, taken);
  const engine = await loadEngine(options.engine ?? "auto");
  const before = await runForward(engine, small, inputs, options.signal);
  const after = await runForward(engine, grown, inputs, options.signal);
  const shared = [...before].flatMap(([name, output]) => {
    const other = after.get(name);
    const same = other !== undefined && String(output.shape) === String(other.shape);
    return same ? [{ name, one: output, other }] : [];
  });
  if (shared.length === 0) {
    const shapes = (outputs: ReadonlyMap<string, Output>): string =>
      [...outputs].map(([name, { shape }]) => `${name} [${shape.join(", ")}]`).join(", ");
    throw new UsageError(
      "cli/not-comparable",
      `The two models have no output of the same shape: ${options.small} gives ${shapes(before)}, ` +
        `${options.grown} gives ${shapes(after)}. Compare classes with a head.`,
      { expected: shapes(before), actual: shapes(after) },
    );
  }
  const outputs = Object.fromEntries(
    shared.map(({ name, one, other }) => [name, difference(one, other)]),
  );
  const largest = Math.max(...Object.values(outputs).map(({ max }) => max));
  const scale = Math.max(1, ...shared.map(({ one }) => largestMagnitude(one.data)));
  const kept = largest <= ROUNDING * scale;
  const verdict = kept ? "kept" : largest <= tolerance ? "within tolerance" : "changed";
  const reasons = kept ? [] : await changeReasons(small, grown);
  return { verdict, tolerance, outputs, reasons };
}

/** Models compare on the same inputs only where vocabulary, positions and so on have the same size. */
function checkFixedSizes(small: OpenedModel, grown: OpenedModel): void {
  for (const [name, { size, grows }] of Object.entries(small.spec.layout.spaces)) {
    const other = grown.spec.layout.spaces[name];
    if (grows || other === undefined || other.size === size) continue;
    throw new UsageError(
      "cli/not-comparable",
      `${small.spec.file} has ${size} entries in "${name}", ${grown.spec.file} has ${other.size}: ` +
        "the two models do not take the same inputs.",
      { file: grown.spec.file, tensor: name, expected: String(size), actual: String(other.size) },
    );
  }
}

function largestMagnitude(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function difference(one: Output, other: Output): Difference {
  let [max, sum] = [0, 0];
  for (const [index, value] of one.data.entries()) {
    const distance = Math.abs(value - (other.data[index] ?? Number.NaN));
    max = Math.max(max, distance);
    sum += distance;
  }
  return { max, mean: sum / one.data.length, kl: meanDivergence(one, other) };
}

/** Mean over rows of KL(softmax(one) || softmax(other)), the softmax over the last axis. */
function meanDivergence(one: Output, other: Output): number {
  const width = one.shape.at(-1) ?? 1;
  const rows = one.data.length / width;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const left = logSoftmax(one.data.subarray(row * width, (row + 1) * width));
    const right = logSoftmax(other.data.subarray(row * width, (row + 1) * width));
    for (const [index, value] of left.entries()) {
      sum += Math.exp(value) * (value - (right[index] ?? 0));
    }
  }
  // Rounding can bring a divergence of zero just below it.
  return Math.max(0, sum / rows);
}

function logSoftmax(logits: Float32Array): Float64Array {
  const largest = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const total = logits.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  const shift = largest + Math.log(total);
  return Float64Array.from(logits, (value) => value - shift);
}
