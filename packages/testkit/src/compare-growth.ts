import {
  createPlan,
  createRandom,
  type Architecture,
  type Layout,
  type Operator,
  type Plan,
  type RawConfig,
} from "@ligo/core";
import { withNormEpsilon } from "@ligo/core/operator";
import { initialWeights, type Weights } from "@ligo/train";
import type { FixtureTensors } from "./fixtures.js";
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
 * model's with other keys, and the epsilon of norms the operator asks for.
 */
export async function compareGrowth(
  architecture: Architecture,
  model: SmallModel,
  keys: RawConfig,
  operatorOf: (plan: Plan) => Operator,
): Promise<GrownModel> {
  const raw = { ...model.raw, ...keys };
  const plan = createPlan(model.layout, layOut(architecture, raw).layout);
  const operator = operatorOf(plan);
  const large = layOut(architecture, withNormEpsilon(architecture, raw, model.config, operator));
  const weights = await growWeights(plan, operator, model.weights);
  const before = await smallOutputs(architecture, model);
  const after = await run(architecture, large, weights, model.inputs);
  const differences = new Map(
    [...before].flatMap(([name, { shape, data }]) => {
      const other = after.get(name);
      if (other === undefined || String(other.shape) !== String(shape)) return [];
      const scale = Math.max(1, largestMagnitude(data));
      return [[name, largestDifference(data, other.data) / scale] as const];
    }),
  );
  return { target: plan.target, differences };
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
