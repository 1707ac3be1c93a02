import {
  createPlan,
  memorySource,
  plannedSpaces,
  type Architecture,
  type Parameter,
  type Plan,
} from "@ligo/core";
import {
  axisSpaces,
  elementSpaces,
  isBranchScale,
  isNormGain,
  normsBySpace,
} from "@ligo/core/layout";
import { entriesFrom, ORIGIN, withNormEpsilon, type TensorOrigins } from "@ligo/core/operator";
import { createMomentGrower, grownOrigins } from "@ligo/core/stream";
import type { Weights } from "@ligo/train";
import { randomModel, type SmallModel } from "../compare-growth.js";
import { deriveGrowths, type DerivedGrowth } from "../derive-growths.js";
import type { ArchitectureFixtures, RecordedCheckpoint } from "../fixtures.js";
import {
  engines,
  growWeights,
  layOut,
  makeModel,
  objectiveOf,
  runGradients,
  type LaidOut,
} from "../models.js";
import { scientific } from "../numbers.js";
import { attempt, type Outcome, type Problem } from "../problem.js";
import { keepingMethods, type Keeping } from "./kept-functions.js";
import { missingCheckpoints } from "./missing-fixtures.js";

/** Norm of the difference over that of the gradient: float32 sums of a larger model in another order. */
const TOLERANCE = 1e-3;
/** Smaller gradients, by their root mean square, are compared as if they were so large: sums that cancel are rounding, about 1e-8. */
const FLAT = 1e-4;

const ADVICE =
  "Make spaces that share heads or channels products of the same factors, and say which spaces meet (`pairing`), which carry " +
  "another (`carries`) and which are normed (`normedBy`): gradients of such spaces follow from that.";

/**
 * Gradients of a grown model, on every growth that a method keeps the function at: those of the source, taken over by the transposed
 * sides of the operator, are those that the grown model itself has on the same batch, at every entry that copies one of the
 * source. What moments are of a source is what gradients are of one batch: both are sums.
 */
export async function checkGrownGradients(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const recorded = fixtures.checkpoints.find(({ loss }) => loss !== undefined);
  if (recorded === undefined) return { problems: missingCheckpoints(fixtures) };
  const problems = await attempt(recorded.name, ADVICE, async () => {
    const small = randomModel(architecture, recorded.config, recorded.inputs);
    const before = await gradientsOf(architecture, small, small.weights, recorded);
    const found: Problem[] = [];
    for (const growth of deriveGrowths(architecture, recorded.config)) {
      for (const keeping of await keepingMethods(architecture, small, growth))
        found.push(...(await compare(architecture, { growth, keeping, recorded, small }, before)));
    }
    return found;
  });
  return { problems };
}

interface Grown {
  readonly small: SmallModel;
  readonly recorded: RecordedCheckpoint;
  readonly growth: DerivedGrowth;
  readonly keeping: Keeping;
}

async function compare(
  architecture: Architecture,
  { growth, keeping: { name: method, operator }, recorded, small }: Grown,
  before: Weights,
): Promise<readonly Problem[]> {
  const keys = { ...small.raw, ...growth.keys };
  const plan = createPlan(small.layout, layOut(architecture, keys).layout);
  const large = layOut(architecture, withNormEpsilon(architecture, keys, small.config, operator));
  const weights = await growWeights(plan, operator, small.weights);
  const after = await gradientsOf(architecture, large, weights, recorded);
  const grower = await createMomentGrower(plan, operator, "first", memorySource(before));
  const found: Problem[] = [];
  for (const origins of await grownOrigins(plan, operator)) {
    const { name } = origins;
    const own = after.get(name);
    const mapped = await grower?.grow(name);
    if (own === undefined || mapped === undefined || !isExact(plan, method, name)) continue;
    const difference = relativeDifference(mapped, own, origins);
    if (difference <= TOLERANCE) continue;
    found.push({
      message:
        `${recorded.name}: at ${growth.name} (grown: ${growth.grown.join(", ")}) by ${method}, the gradient of ${name} taken ` +
        `over from the source differs by ${scientific(difference)} from the grown model's own.`,
      advice: ADVICE,
    });
  }
  return found;
}

/** At entries that copy one of the source, the difference over the gradient; where there are others, whatever moment these have. */
function relativeDifference(
  mapped: Float32Array,
  own: Float32Array,
  origins: TensorOrigins,
): number {
  const copies = entriesFrom(origins, ORIGIN.copy);
  let [difference, size] = [0, FLAT ** 2 * own.length];
  for (const [index, value] of own.entries()) {
    const expected = copies[index] === 1 ? value : 0;
    difference += ((mapped[index] as number) - expected) ** 2;
    size += expected ** 2;
  }
  return Math.sqrt(difference / size);
}

/**
 * Whether a tensor's gradient follows from the source's alone. A norm over copies that are read by unequal shares (those of
 * `lemon`, channels of heads that turn at other speeds) gives each copy a part of its own, as do heads that hold them: there the maps
 * hold for the sum over copies.
 */
function isExact(plan: Plan, method: string, name: string): boolean {
  const parameter = plan.tensors.find((one) => one.name === name)?.parameter;
  const { axes = [] } = parameter ?? {};
  const spaces = plannedSpaces(plan);
  const isGrown = (space: string | undefined): boolean => {
    const planned = spaces.get(space ?? "");
    return planned !== undefined && planned.newSize !== planned.oldSize;
  };
  const written = axes.flatMap((axis) =>
    axis.role === "out" || axis.role === "elem" ? axisSpaces(axis) : [],
  );
  if (written.some((space) => isGrown(spaces.get(space)?.space.normedBy))) return false;
  const norms = normsBySpace(plan.target);
  // what reads new channels sends them a gradient, and a norm that takes the mean spreads a part of it over all
  if (method === "lossless-fresh")
    return [...norms].every(
      ([space, own]) => !isGrown(space) || own.every(({ norm }) => norm === "rms"),
    );
  if (method !== "lemon" || (parameter !== undefined && isBefore(plan, parameter))) return true;
  return written.filter(isGrown).every((space) => {
    const grown = spaces.get(space);
    const own = norms.get(space) ?? [];
    if (grown === undefined || !grown.isRead || grown.space.factors !== undefined) return false;
    // zeros beside single copies leave a norm over mean squares as it is
    const isPadded = own.every(({ norm }) => norm === "rms") && grown.newSize < 2 * grown.oldSize;
    return own.length === 0 || isPadded;
  });
}

/** Whether a parameter is of a norm before a sublayer, in a stack that has no others: what it makes is only read. */
function isBefore({ target }: Plan, parameter: Parameter): boolean {
  const { stack = "" } = parameter;
  const norms = target.parameters.filter((one) => one.stack === stack && isNormGain(one));
  const isOfNorm = elementSpaces(parameter).length > 0 && !isBranchScale(target, parameter);
  return isOfNorm && target.stacks[stack]?.norm === "pre" && norms.length <= 2;
}

async function gradientsOf(
  architecture: Architecture,
  model: LaidOut,
  weights: Weights,
  recorded: RecordedCheckpoint,
): Promise<Weights> {
  const objective = objectiveOf(await makeModel(architecture, model), recorded);
  if (objective === undefined) throw new RangeError(`${recorded.name} has no objective.`);
  const { inputs } = recorded;
  return (await runGradients(engines.onnx(), objective, model.layout, weights, inputs)).gradients;
}
