import type { Architecture } from "@ligo/core";
import type { Engine, Numbers } from "@ligo/engine";
import { createEvaluator } from "@ligo/train";
import type { FixtureTensors, RecordedCheckpoint } from "./fixtures.js";
import {
  feedsOf,
  makeModel,
  objectiveOf,
  readRecorded,
  runForward,
  runGradients,
  specsOf,
  type RecordedModel,
} from "./models.js";
import { largestDifference, largestMagnitude, scientific } from "./numbers.js";
import type { Outcome, Problem } from "./problem.js";

/** float32 sums in another order, relative to the largest number (1 where that is smaller). */
const OUTPUTS = 1e-5;
/** The same of a gradient, relative to its largest entry, and of those that are zero but for rounding. */
const GRADIENTS = 1e-4;
const ROUNDING = 2e-7;

/** Numbers of one engine and of another, and how far apart they may be. */
interface Compared {
  readonly name: string;
  readonly actual: Numbers | undefined;
  readonly expected: Numbers;
  readonly allowed: number;
}

/**
 * Outputs, loss and gradients of a recorded model on one engine beside those on another. The problems are where they differ
 * by more than float32 sums in another order do.
 */
export async function compareEngines(
  architecture: Architecture,
  recorded: RecordedCheckpoint,
  [engine, other]: readonly [Engine, Engine],
): Promise<Outcome> {
  const model = await readRecorded(architecture, recorded);
  const compared = [
    ...(await comparedOutputs(architecture, model, [engine, other])),
    ...(await comparedGradients(architecture, model, [engine, other])),
  ];
  return { problems: compared.flatMap((one) => problemOf(one, recorded, [engine, other])) };
}

async function comparedOutputs(
  architecture: Architecture,
  { layout, weights, inputs, ...model }: RecordedModel,
  engines: readonly [Engine, Engine],
): Promise<readonly Compared[]> {
  const network = await makeModel(architecture, { layout, ...model });
  const run = (engine: Engine): Promise<FixtureTensors> =>
    runForward(engine, network, layout, weights, inputs);
  const [actual, expected] = [await run(engines[0]), await run(engines[1])];
  return [...expected].map(([name, { data }]) => ({
    name,
    actual: actual.get(name)?.data,
    expected: data,
    allowed: OUTPUTS * Math.max(1, largestMagnitude(data)),
  }));
}

async function comparedGradients(
  architecture: Architecture,
  model: RecordedModel,
  engines: readonly [Engine, Engine],
): Promise<readonly Compared[]> {
  const { layout, weights, recorded } = model;
  const objective = objectiveOf(await makeModel(architecture, model), recorded);
  if (objective === undefined || recorded.loss === undefined) return [];
  const run = (engine: Engine): ReturnType<typeof runGradients> =>
    runGradients(engine, objective, layout, weights, recorded.inputs);
  const [actual, expected] = [await run(engines[0]), await run(engines[1])];
  const judge = async (engine: Engine): Promise<number> => {
    const batch = specsOf(recorded.inputs);
    const evaluator = await createEvaluator(engine, { layout, objective, batch, weights });
    const { loss } = await evaluator.evaluate([feedsOf(recorded.inputs)]);
    await evaluator.compiled.dispose();
    return loss;
  };
  const [judged, wanted] = [await judge(engines[0]), await judge(engines[1])];
  return [
    {
      name: "the loss of an evaluation",
      actual: Float32Array.of(judged),
      expected: Float32Array.of(wanted),
      allowed: OUTPUTS * Math.max(1, Math.abs(wanted)),
    },
    {
      name: "the loss",
      actual: Float32Array.of(actual.loss),
      expected: Float32Array.of(expected.loss),
      allowed: OUTPUTS * Math.max(1, Math.abs(expected.loss)),
    },
    ...[...expected.gradients].map(([name, gradient]) => ({
      name: `the gradient of ${name}`,
      actual: actual.gradients.get(name),
      expected: gradient,
      allowed: GRADIENTS * largestMagnitude(gradient) + ROUNDING,
    })),
  ];
}

function problemOf(
  { name, actual, expected, allowed }: Compared,
  { name: of }: RecordedCheckpoint,
  [engine, other]: readonly [Engine, Engine],
): readonly Problem[] {
  const difference =
    actual === undefined ? Number.POSITIVE_INFINITY : largestDifference(actual, expected);
  if (difference <= allowed) return [];
  return [
    {
      message:
        `${of}: ${name} on ${engine.name} differs from that on ${other.name} by ${scientific(difference)} ` +
        `(allowed ${scientific(allowed)}).`,
      advice: `Look for an operation that ${engine.name} computes otherwise.`,
    },
  ];
}
