import { createPlan, createRandom, type Operator, type Plan, type Architecture } from "@ligo/core";
import { ligoOperator } from "@ligo/core/methods";
import type { Numbers } from "@ligo/engine";
import { tensorParameters, type Objective } from "@ligo/nn";
import { gradientProgram, learnableSpecs, operatorLoss } from "@ligo/train";
import type { ArchitectureFixtures } from "../fixtures.js";
import {
  engines,
  feedsOf,
  growWeights,
  layOut,
  makeModel,
  objectiveOf,
  readRecorded,
  specsOf,
  type RecordedModel,
} from "../models.js";
import { scientific } from "../numbers.js";
import { attempt, type Outcome, type Problem } from "../problem.js";
import { missingCheckpoints } from "./missing-fixtures.js";

/** Float32 products in another order. */
const LOSS_TOLERANCE = 1e-5;
/**
 * Slopes are central differences of a float32 loss: rounding of about 1e-7 over steps that change the loss by about 1e-2,
 * and the third derivative, which is larger.
 */
const SLOPE_TOLERANCE = 0.02;
/** How much a step may change the loss, and how far it may go in all. */
const CHANGE = 0.01;
const LONGEST = 0.05;
/** Slopes below are lost in the loss's rounding. */
const FLAT = 2e-4;

/**
 * Gradients of a LiGO operator's tensors, through the grown model's loss, against finite differences: each tensor is
 * moved along its gradient, both ways. And the loss of the operator is that of the weights it makes.
 */
export async function checkOperatorGradients(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const recorded = fixtures.checkpoints.find(({ loss }) => loss !== undefined);
  if (fixtures.checkpoints.length === 0) return { problems: missingCheckpoints(fixtures) };
  if (recorded === undefined) {
    return {
      problems: [
        {
          message: "No recorded checkpoint has a loss.",
          advice: "Record one of a class that can be trained.",
        },
      ],
    };
  }
  const problems = await attempt(
    recorded.name,
    "Make the forward pass work on grown parameters: use them through the operations of @ligo/nn, or `asTensor`.",
    async () => {
      const model = await readRecorded(architecture, recorded);
      const keys = { ...fixtures.wider(model.raw), ...fixtures.deeper(model.raw) };
      return operatorProblems(architecture, model, layOut(architecture, { ...model.raw, ...keys }));
    },
  );
  return { problems };
}

async function operatorProblems(
  architecture: Architecture,
  model: RecordedModel,
  large: Parameters<typeof makeModel>[1],
): Promise<readonly Problem[]> {
  const { recorded, weights } = model;
  const objective = objectiveOf(await makeModel(architecture, large), recorded);
  if (objective === undefined) return [];
  const plan = createPlan(model.layout, large.layout);
  const operator = ligoOperator(plan, createRandom(1));
  const engine = engines.onnx();
  const problem = operatorLoss({
    plan,
    operator,
    objective,
    source: weights,
    batch: specsOf(recorded.inputs),
  });
  const learnable = Object.fromEntries(
    Object.entries(problem.values).map(([name, data]) => [`learnable/${name}`, data]),
  );
  const compiled = await engine.compile(gradientProgram(problem), {
    state: {},
    frozen: { ...problem.frozenValues, ...learnable },
  });
  try {
    const feeds = feedsOf(recorded.inputs);
    const outputs = await compiled.run(feeds);
    const loss = outputs["loss"]?.[0] ?? Number.NaN;
    const found: Problem[] = [];
    const expected = await grownLoss(plan, operator, model, objective);
    if (!(Math.abs(loss - expected) <= LOSS_TOLERANCE * Math.max(1, expected))) {
      found.push({
        message: `${recorded.name}: through a growing operator the loss is ${loss}, on the weights it makes ${expected}.`,
        advice:
          "Use parameters only through the operations of @ligo/nn or `asTensor`, and do nothing that depends on whether a " +
          "parameter is grown.",
      });
    }
    const lossAt = async (): Promise<number> =>
      (await compiled.run(feeds))["loss"]?.[0] ?? Number.NaN;
    for (const [name, values] of Object.entries(learnable)) {
      const gradient = outputs[`gradient/${name.slice("learnable/".length)}`];
      if (gradient === undefined) continue;
      const write = (moved: Float32Array): Promise<void> =>
        compiled.write({ frozen: { [name]: moved } });
      const start = values.slice();
      found.push(...(await slopeProblems(recorded.name, name, start, gradient, { write, lossAt })));
    }
    return found;
  } finally {
    await compiled.dispose();
  }
}

async function grownLoss(
  plan: Plan,
  operator: Operator,
  { weights, recorded }: RecordedModel,
  objective: Objective,
): Promise<number> {
  const grown = await growWeights(plan, operator, weights);
  const compiled = await engines.onnx().compile(
    {
      state: {},
      frozen: learnableSpecs(plan.target),
      inputs: specsOf(recorded.inputs),
      build: ({ frozen, inputs }) => ({
        outputs: { loss: objective.loss(tensorParameters(frozen), inputs) },
      }),
    },
    { state: {}, frozen: Object.fromEntries(grown) },
  );
  const outputs = await compiled.run(feedsOf(recorded.inputs));
  await compiled.dispose();
  return outputs["loss"]?.[0] ?? Number.NaN;
}

/** A loss as a function of one tensor. */
interface Measured {
  readonly write: (values: Float32Array) => Promise<void>;
  readonly lossAt: () => Promise<number>;
}

/** Moves a tensor along its gradient, both ways, and compares how the loss changes with the gradient's length. */
async function slopeProblems(
  where: string,
  name: string,
  start: Float32Array,
  gradient: Numbers,
  { lossAt, write }: Measured,
): Promise<readonly Problem[]> {
  const length = Math.hypot(...gradient);
  const reach = Math.min(LONGEST, CHANGE / Math.max(length, 1e-12));
  // where the gradient is zero, any direction must be flat
  const direction =
    length > 0
      ? Float32Array.from(gradient, (value) => value / length)
      : start.map(() => 1 / Math.sqrt(start.length));
  const moved = async (step: number): Promise<number> => {
    await write(start.map((value, index) => value + step * (direction[index] as number)));
    return lossAt();
  };
  const slopeOver = async (step: number): Promise<number> =>
    ((await moved(step)) - (await moved(-step))) / (2 * step);
  const plain = await slopeOver(reach);
  const isRight = (slope: number): boolean =>
    Math.abs(slope - length) <= SLOPE_TOLERANCE * length + FLAT;
  // norms of heads bend the loss: the third derivative is taken out
  const slope = isRight(plain) ? plain : (4 * (await slopeOver(reach / 2)) - plain) / 3;
  await write(start);
  if (isRight(slope)) return [];
  return [
    {
      message:
        `${where}: the gradient of the operator's "${name.slice("learnable/".length)}" has length ${scientific(length)}, ` +
        `but the loss changes at the rate ${scientific(slope)} along it.`,
      advice:
        "Let the gradient reach grown parameters: use them through the operations of @ligo/nn or `asTensor`, and give custom " +
        "gradients for every input.",
    },
  ];
}
