import { elementCount, parameterCount, type Layout, type Matrix } from "@ligo/core";
import { axisSpaces } from "@ligo/core/layout";
import type { Engine } from "@ligo/engine";
import { inContext, type Context, type Handles } from "./context.js";
import type { JudgedAmount } from "./data-amount.js";
import { evaluateModel } from "./evaluation/evaluate-model.js";
import { createForecast } from "./forecast.js";
import { chooseEngine } from "./models/choose-engine.js";
import { hiddenStateName, runForward } from "./models/forward-pass.js";
import type { Output } from "./models/forward-result.js";
import { loadEngine } from "./models/load-engine.js";
import { loadModel } from "./models/load-model.js";
import { randomInputs, readInputs, type InputBatch } from "./models/model-inputs.js";
import type { ModelSource } from "./models/model-source.js";
import { openModel, type OpenedModel } from "./models/open-model.js";
import { check } from "./settings/check.js";
import { splitHandles } from "./settings/handles.js";
import type { CheckedVerifySettings, VerifySettings } from "./settings/types.generated.js";
import { verifySettings } from "./settings/verify.js";
import { JUDGED_EXAMPLES } from "./tasks/judged-amount.js";
import { openTask } from "./tasks/open-task.js";
import { UsageError } from "./usage-error.js";
import { watchSteps } from "./watch-steps.js";
import { activationDrift, type LayerDrift } from "./verify/activation-drift.js";
import { changeReasons, isLearned } from "./verify/change-reasons.js";
import {
  compareModels,
  STATE_SPACE,
  unknownReasons,
  type ComparedOutput,
} from "./verify/compare-models.js";
import type { Difference } from "./verify/compare-outputs.js";
import {
  oldTokens,
  overTokens,
  sameTokens,
  type InputPair,
  type OldTokens,
} from "./verify/old-tokens.js";
import { recordedGrowth, type RecordedGrowth } from "./verify/recorded-growth.js";
import { knownMap } from "./verify/known-map.js";

/** Losses of both models on the same batches. */
export interface VerifiedLosses {
  /** Batches they are taken over: of `data`, the given `inputs`, or `random inputs`, whose losses only tell whether they are equal. */
  readonly of: "data" | "inputs" | "random inputs";
  readonly objective: string;
  readonly small: number;
  readonly grown: number;
  /** Held-out data they are taken over, where they are of `data`. */
  readonly judged?: JudgedAmount;
}

export interface VerifyResult {
  /** `kept`: equal but for float32 rounding. `unknown`: states of two sizes, and no map between these is known. */
  readonly verdict: "kept" | "within tolerance" | "changed" | "unknown";
  /** Largest difference of any output; NaN where none is known (null in JSON). */
  readonly maxDifference: number;
  readonly tolerance: number;
  /** What changes the function by its nature, where it changed: learned maps mix units, training moves weights. */
  readonly expectedFrom?: "learning" | "training";
  readonly inputs: "given" | "random";
  /**
   * Every output that both models have, `logits` or `last_hidden_state`; of classes without a common one the states that leave
   * the last layers, `hidden_states.<stack>`.
   */
  readonly outputs: Readonly<Record<string, Difference>>;
  /** Outputs that one of the models lacks, or has in a shape of its own. */
  readonly uncompared?: readonly string[];
  /** Null where the class has no loss, nothing to compute it from, or the grown model other tokens, over which it is another. */
  readonly losses: VerifiedLosses | null;
  /** Per stack of the layout, every hidden state of the grown model; empty where an architecture does not give them. */
  readonly drift: Readonly<Record<string, readonly LayerDrift[]>>;
  /** Why the function cannot be, or need not be, the same. Empty where it was kept. */
  readonly reasons: readonly string[];
}

/** Size of the random inputs that models are compared on. */
const COMPARED = { batch: 4, sequence: 32 } as const;

/**
 * Share of the largest logit that differences by the order of float32 sums stay under, for each layer: every layer adds its own, and
 * the next carries them on. Logits of SmolLM2 (30 layers), grown to 768 wide by methods that
 * keep the function, differ by up to 1.8e-4.
 */
const ROUNDING = 1e-6;

/** Runs a model and what it was grown to on the same inputs, and tells whether the function was kept, and why not. */
export async function verify(
  small: ModelSource,
  grown: ModelSource,
  given: VerifySettings & Handles = {},
): Promise<VerifyResult> {
  const { handles, settings: plain } = splitHandles(given);
  const { given: names, settings } = check(verifySettings, plain);
  const { architecture } = settings;
  return inContext(handles, async (context) => {
    const before = await openModel(small, { ...context, architecture });
    try {
      const after = await openModel(grown, { ...context, architecture });
      try {
        const growth = await recordedGrowth(before, after, grown);
        return await compare(before, after, growth, settings, { ...context, given: names });
      } finally {
        await after.close();
      }
    } finally {
      await before.close();
    }
  });
}

async function compare(
  small: OpenedModel,
  grown: OpenedModel,
  growth: RecordedGrowth,
  settings: CheckedVerifySettings,
  context: Context,
): Promise<VerifyResult> {
  checkFixedSizes(small, grown);
  const { data, tolerance } = settings;
  const tokens = oldTokens(small.spec.layout, grown.spec.layout, growth.rows);
  if (tokens !== undefined && data !== undefined) throw otherTokens(grown);
  const inputs = await inputsOf(small, grown, tokens, settings);
  const engine = await loadEngine(await chooseEngine(settings.engine, context));
  const { before, after } = await runBoth(engine, small, grown, inputs, context);
  const { compared, uncompared } = await compareModels(
    { model: small, outputs: overOld(before, tokens, "before") },
    { model: grown, outputs: overOld(after, tokens, "after") },
    growth,
  );
  const { largest, verdict } = judge(compared, tolerance, layersOf(small));
  return {
    verdict,
    maxDifference: largest,
    tolerance,
    ...expectation(verdict, growth),
    inputs: settings.inputs === undefined ? "random" : "given",
    outputs: Object.fromEntries(compared.map(({ name, difference }) => [name, difference])),
    ...(uncompared.length === 0 ? {} : { uncompared }),
    losses:
      data === undefined
        ? tokens === undefined
          ? await lossesOnInputs(small, before, after, settings)
          : null
        : await lossesOnData(engine, small, grown, { ...settings, data }, context),
    drift: await stackDrift(small, before, after, growth),
    reasons:
      verdict === "kept"
        ? []
        : [
            ...unknownReasons(compared, small, grown, growth),
            ...changeReasons(small, grown, growth),
          ],
  };
}

/** Outputs of both models, each with its hidden states. */
async function runBoth(
  engine: Engine,
  small: OpenedModel,
  grown: OpenedModel,
  inputs: InputPair,
  { emit, signal }: Context,
): Promise<Readonly<Record<"before" | "after", ReadonlyMap<string, Output>>>> {
  emit({ type: "phase", phase: "forward" });
  const watch = watchSteps({ phase: "forward", steps: 2, ...unitsOf(inputs.small), emit });
  const run = { hiddenStates: true, signal };
  const before = await runForward(engine, small, inputs.small, run);
  watch.done(1);
  watch.begin();
  const after = await runForward(engine, grown, inputs.grown, run);
  watch.done(2);
  return { before, after };
}

/** Images, which have four axes, or tokens of inputs. */
function unitsOf({ specs }: InputBatch): {
  readonly unit: "tokens" | "images";
  readonly amount: number;
} {
  const shapes = Object.values(specs).map(({ shape }) => shape);
  const [images] = shapes.find((shape) => shape.length === 4) ?? [];
  return images === undefined
    ? { unit: "tokens", amount: Math.max(...shapes.map(elementCount)) }
    : { unit: "images", amount: images };
}

/** The largest difference that is known, and what all of them say. */
function judge(
  compared: readonly ComparedOutput[],
  tolerance: number,
  layers: number,
): { readonly largest: number; readonly verdict: VerifyResult["verdict"] } {
  const known = compared.flatMap(({ difference: { max } }) => max ?? []);
  if (known.length === 0) return { largest: Number.NaN, verdict: "unknown" };
  const largest = Math.max(...known);
  const scale = Math.max(1, ...compared.map(({ magnitude }) => magnitude));
  const isKept = largest <= ROUNDING * Math.max(1, layers) * scale;
  // a difference that is no number lies within no tolerance
  if (!isKept && !(largest <= tolerance)) return { largest, verdict: "changed" };
  if (known.length < compared.length) return { largest, verdict: "unknown" };
  return { largest, verdict: isKept ? "kept" : "within tolerance" };
}

/** Why a function that changed need not be a fault. */
function expectation(
  verdict: VerifyResult["verdict"],
  { command, method }: RecordedGrowth,
): Pick<VerifyResult, "expectedFrom"> {
  if (verdict === "kept") return {};
  if (command === "train") return { expectedFrom: "training" };
  return command === "grow" && isLearned(method) ? { expectedFrom: "learning" } : {};
}

/** Layers of a model, of all its stacks. */
const layersOf = ({ spec }: OpenedModel): number =>
  Object.values(spec.layout.stacks).reduce((sum, { layers }) => sum + layers, 0);

/** The inputs of a file, or random ones that both models take. */
async function inputsOf(
  small: OpenedModel,
  grown: OpenedModel,
  tokens: OldTokens | undefined,
  { inputs: given, seed }: CheckedVerifySettings,
): Promise<InputPair> {
  const { inputs, objectives } = await loadModel(small.spec);
  const also = (await loadModel(grown.spec)).inputs;
  const { batch, sequence } = COMPARED;
  const labels =
    tokens === undefined && "labels" in also && Object.keys(objectives).length > 0
      ? ["labels"]
      : [];
  const made =
    given === undefined
      ? randomInputs(inputs, { batch, sequence, seed, also: labels })
      : await readInputs(given, inputs);
  if (tokens === undefined) return { small: made, grown: made };
  const names = Object.keys(made.arrays).filter(
    (name) => inputs[name]?.limit === tokens.before && also[name]?.limit === tokens.after,
  );
  return sameTokens(made, names, tokens, given === undefined);
}

/** Logits over the vocabulary, over the tokens that both models have. */
function overOld(
  outputs: ReadonlyMap<string, Output>,
  tokens: OldTokens | undefined,
  side: "before" | "after",
): ReadonlyMap<string, Output> {
  if (tokens === undefined) return outputs;
  const ids = side === "before" ? tokens.old : tokens.now;
  return new Map(
    [...outputs].map(([name, one]) => [
      name,
      name.endsWith("logits") ? overTokens(one, tokens[side], ids) : one,
    ]),
  );
}

function otherTokens({ spec }: OpenedModel): UsageError {
  return new UsageError(
    "sdk/other-tokens",
    `${spec.file} has other tokens than the small model, so losses of the two on one text are over other units and cannot be ` +
      "compared. Leave `data` out: logits of the tokens that both have are compared. `evaluate` judges each by itself.",
    { file: spec.file, expected: "the same tokens" },
  );
}

async function lossesOnInputs(
  small: OpenedModel,
  before: ReadonlyMap<string, Output>,
  after: ReadonlyMap<string, Output>,
  settings: CheckedVerifySettings,
): Promise<VerifiedLosses | null> {
  const [one, other] = [before.get("loss")?.data[0], after.get("loss")?.data[0]];
  const [objective] = Object.keys((await loadModel(small.spec)).objectives);
  if (one === undefined || other === undefined || objective === undefined) return null;
  const of = settings.inputs === undefined ? "random inputs" : "inputs";
  return { of, objective, small: one, grown: other };
}

async function lossesOnData(
  engine: Engine,
  small: OpenedModel,
  grown: OpenedModel,
  settings: CheckedVerifySettings & { readonly data: readonly string[] },
  context: Context,
): Promise<VerifiedLosses> {
  const task = await openTask(small.spec, {
    ...context,
    ...settings,
    heldOut: settings.all ? "all" : settings.heldOut,
    folder: await small.folder(),
  });
  const batches = task.judgedBatches(JUDGED_EXAMPLES);
  const { emit, signal } = context;
  const models = { small, grown };
  const costOf = ({ spec }: OpenedModel): { readonly amount: number; readonly cost: number } => ({
    amount: batches.count,
    cost: parameterCount(spec.layout),
  });
  const forecast = createForecast({ small: costOf(small), grown: costOf(grown) });
  emit({ type: "phase", phase: "evaluate" });
  const loss = async (name: "small" | "grown"): Promise<number> => {
    const { spec } = models[name];
    const weights = await models[name].readAll(signal);
    const left = (seconds: number): number => forecast.done(name, seconds);
    const judged = { engine, spec, weights, task, batches, emit, left, signal };
    return (await evaluateModel(judged)).loss;
  };
  return {
    of: "data",
    objective: task.judgedBy,
    small: await loss("small"),
    grown: await loss("grown"),
    judged: batches.judged,
  };
}

async function stackDrift(
  small: OpenedModel,
  before: ReadonlyMap<string, Output>,
  after: ReadonlyMap<string, Output>,
  growth: RecordedGrowth,
): Promise<Readonly<Record<string, readonly LayerDrift[]>>> {
  const drift: Record<string, readonly LayerDrift[]> = {};
  for (const stack of Object.keys(small.spec.layout.stacks)) {
    const [one, other] = [statesOf(before, stack), statesOf(after, stack)];
    const [first, grownFirst] = [one[0], other[0]];
    if (first === undefined || grownFirst === undefined || first.rows !== grownFirst.rows) continue;
    const shape = { rows: grownFirst.columns, columns: first.columns };
    const map = knownMap(growth, STATE_SPACE, shape);
    drift[stack] = await activationDrift(one, other, map?.matrix);
  }
  return drift;
}

function statesOf(outputs: ReadonlyMap<string, Output>, stack: string): readonly Matrix[] {
  const states: Matrix[] = [];
  for (let layer = 0; ; layer++) {
    const output = outputs.get(hiddenStateName(stack, layer));
    if (output === undefined) return states;
    const [rows = 0, columns = 0] = output.shape;
    states.push({ rows, columns, data: output.data });
  }
}

/** Models compare on the same inputs only where vocabulary, positions and so on have the same size. */
function checkFixedSizes(small: OpenedModel, grown: OpenedModel): void {
  const [used, usedNow] = [small, grown].map(({ spec }) => usedSpaces(spec.layout));
  for (const [name, { grows, rows, size }] of Object.entries(small.spec.layout.spaces)) {
    const other = grown.spec.layout.spaces[name];
    if (grows || other === undefined || other.size === size) continue;
    // what the small model reads the grown one reads too
    if (rows !== undefined && rows.of !== "patches" && other.size > size) continue;
    // labels of a class that the other model lacks
    if (used?.has(name) !== true || usedNow?.has(name) !== true) continue;
    throw new UsageError(
      "sdk/not-comparable",
      `${small.spec.file} has ${size} entries in "${name}", ${grown.spec.file} has ${other.size}: ` +
        "the two models do not take the same inputs.",
      { file: grown.spec.file, tensor: name, expected: String(size), actual: String(other.size) },
    );
  }
}

const usedSpaces = ({ parameters }: Layout): ReadonlySet<string> =>
  new Set(parameters.flatMap(({ axes }) => axes.flatMap(axisSpaces)));
