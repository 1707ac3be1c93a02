import {
  createPlan,
  createRandom,
  memorySource,
  multiply,
  type Architecture,
  type Layout,
  type Matrix,
  type Operator,
  type Plan,
  type RawConfig,
  type ReadSource,
} from "@ligo/core";
import { INITIAL_DEVIATION } from "@ligo/core/layout";
import { stateMap, withNormEpsilon } from "@ligo/core/operator";
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
  /**
   * Per output that kept its shape, or holds vectors of a space whose map is known, the largest difference from the small model's
   * (as that map makes it), relative to the largest but at least to one.
   */
  readonly differences: ReadonlyMap<string, number>;
  /** Outputs of another shape than before of which the model does not say what space they hold vectors of. */
  readonly undeclared: readonly string[];
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
  operatorOf: (plan: Plan, read: ReadSource) => Operator | Promise<Operator>,
): Promise<GrownModel> {
  const raw = { ...model.raw, ...keys };
  const changes = rowChanges(model.layout, layOut(architecture, raw).layout);
  const plan = createPlan(withRowsOf(model.layout, changes), layOut(architecture, raw).layout);
  const growths = changes.map(asGrowth);
  const read = withGrownRows(model.layout, growths, memorySource(model.weights));
  const operator = await operatorOf(plan, read);
  const large = layOut(architecture, withNormEpsilon(architecture, raw, model.config, operator));
  const weights = await growWeights(plan, operator, read);
  const before = await smallOutputs(architecture, model);
  const after = await run(architecture, large, weights, model.inputs);
  const { outputSpaces = {} } = await makeModel(architecture, model);
  const differences = new Map<string, number>();
  const undeclared: string[] = [];
  for (const [name, one] of before) {
    const all = after.get(name);
    if (all === undefined) continue;
    const other = overOldTokens(all, changes);
    const space = outputSpaces[name];
    const isSame = String(other.shape) === String(one.shape);
    if (!isSame && space === undefined) undeclared.push(name);
    const pair = isSame
      ? { expected: one.data, actual: other.data }
      : await mapped(one, other, space, operator);
    if (pair === undefined) continue;
    const scale = Math.max(1, largestMagnitude(pair.expected));
    differences.set(name, largestDifference(pair.expected, pair.actual) / scale);
  }
  return { target: plan.target, differences, undeclared };
}

/** States of the small model as the map of their space makes them, and those of the grown one, without channels that nothing reads. */
async function mapped(
  one: FixtureTensor,
  other: Pick<FixtureTensor, "shape" | "data">,
  space: string | undefined,
  operator: Operator,
): Promise<{ readonly expected: Float32Array; readonly actual: Float32Array } | undefined> {
  const map = space === undefined ? undefined : stateMap(operator, space);
  const [columns = 1, size = 1] = [one.shape.at(-1), other.shape.at(-1)];
  if (map?.matrix.columns !== columns || map.matrix.rows !== size) return undefined;
  const state: Matrix = {
    rows: one.data.length / columns,
    columns,
    data: Float32Array.from(one.data),
  };
  const isRead = (_: number, index: number): boolean => !map.unread.has(index % size);
  const expected = (await multiply(state, map.matrix, { transposeB: true })).data;
  return {
    expected: expected.filter(isRead),
    actual: Float32Array.from(other.data).filter(isRead),
  };
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
