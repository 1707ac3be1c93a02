import {
  createPlan,
  createRandom,
  memorySource,
  type Architecture,
  type Layout,
  type Operator,
  type Plan,
  type RawConfig,
} from "@ligo/core";
import { INITIAL_DEVIATION } from "@ligo/core/layout";
import { withNormEpsilon } from "@ligo/core/operator";
import {
  rowChanges,
  withGrownRows,
  withRowsOf,
  type RowChange,
  type RowGrowth,
} from "@ligo/core/stream";
import { initialWeights, type Weights } from "@ligo/train";
import type { FixtureTensor, FixtureTensors } from "./fixtures.js";
import { engines, growWeights, layOut, makeModel, runForward, type LaidOut } from "./models.js";
import { largestDifference, largestMagnitude } from "./numbers.js";

/** A model to grow, and what to run it on. */
export interface SmallModel extends LaidOut {
  readonly weights: Weights;
  /** Inputs of a forward pass. */
  readonly inputs: FixtureTensors;
}

/** A grown model beside the small one. */
export interface GrownModel {
  readonly target: Layout;
  /** Per output that kept its shape the largest difference, relative to the largest output but at least to one. */
  readonly differences: ReadonlyMap<string, number>;
}

/** A model of a config with random weights: deviation 0.25, gains around one, biases random too, all from a seed. */
export function randomModel(
  architecture: Architecture,
  raw: RawConfig,
  inputs: FixtureTensors,
  seed = 1,
): SmallModel {
  const laidOut = layOut(architecture, raw);
  const random = createRandom(seed);
  const weights = new Map(
    [...initialWeights(laidOut.layout, { seed, deviation: 0.2 })].map(([name, data]) => {
      const own = random.fork(name);
      return [name, data.map((value) => value + 0.15 * own.normal())] as const;
    }),
  );
  return { ...laidOut, weights, inputs };
}

/**
 * Grows a model by an operator and compares its outputs before and after, on the onnx engine. The target's config is the
 * model's with other keys, and the epsilon of norms the operator asks for. Outputs over tokens are compared over those of the
 * small model.
 */
export async function compareGrowth(
  architecture: Architecture,
  model: SmallModel,
  keys: RawConfig,
  operatorOf: (plan: Plan) => Operator,
): Promise<GrownModel> {
  const raw = { ...model.raw, ...keys };
  const changes = rowChanges(model.layout, layOut(architecture, raw).layout);
  const plan = createPlan(withRowsOf(model.layout, changes), layOut(architecture, raw).layout);
  const operator = operatorOf(plan);
  const large = layOut(architecture, withNormEpsilon(architecture, raw, model.config, operator));
  const growths = changes.map(asGrowth);
  const read = withGrownRows(model.layout, growths, memorySource(model.weights));
  const weights = await growWeights(plan, operator, read);
  const before = await smallOutputs(architecture, model);
  const after = await run(architecture, large, weights, model.inputs);
  const differences = new Map(
    [...before].flatMap(([name, { shape, data }]) => {
      const grown = after.get(name);
      const other = grown && overOldTokens(grown, changes);
      if (other === undefined || String(other.shape) !== String(shape)) return [];
      const scale = Math.max(1, largestMagnitude(data));
      return [[name, largestDifference(data, other.data) / scale] as const];
    }),
  );
  return { target: plan.target, differences };
}

function asGrowth(change: RowChange): RowGrowth {
  const { of } = change.now.rows;
  if (of !== "tokens") return { ...change, start: of === "patches" ? "interpolate" : "copy" };
  return { ...change, start: "moments", drawn: { seed: 1, deviation: INITIAL_DEVIATION } };
}

/** An output over tokens, and only those that there were; any other as it is. */
function overOldTokens(
  output: FixtureTensor,
  changes: readonly RowChange[],
): Pick<FixtureTensor, "shape" | "data"> {
  const tokens = changes.find(({ now }) => now.rows.of === "tokens");
  if (tokens === undefined || output.shape.at(-1) !== tokens.now.size) return output;
  const [before, after] = [tokens.old.size, tokens.now.size];
  return {
    shape: [...output.shape.slice(0, -1), before],
    data: Float32Array.from(output.data).filter((_, index) => index % after < before),
  };
}

/** Outputs of models that are grown in several ways: each is run once. */
const known = new WeakMap<SmallModel, Promise<FixtureTensors>>();

function smallOutputs(architecture: Architecture, model: SmallModel): Promise<FixtureTensors> {
  const outputs = known.get(model) ?? run(architecture, model, model.weights, model.inputs);
  known.set(model, outputs);
  return outputs;
}

async function run(
  architecture: Architecture,
  model: LaidOut,
  weights: Weights,
  inputs: FixtureTensors,
): Promise<FixtureTensors> {
  const made = await makeModel(architecture, model);
  return runForward(engines.onnx(), made, model.layout, weights, inputs);
}
