import { elementCount, type Architecture, type Layout } from "@ligo/core";
import { axisSpaces, expandLayout, type LayoutTensor } from "@ligo/core/layout";
import type { ArchitectureFixtures, FixtureTensors } from "../fixtures.js";
import {
  engines,
  makeModel,
  objectiveOf,
  readRecorded,
  runForward,
  runGradients,
  type RecordedModel,
} from "../models.js";
import { largestDifference, largestMagnitude, scientific, shapeText } from "../numbers.js";
import { attempt, type Outcome, type Problem } from "../problem.js";
import { missingCheckpoints } from "./missing-fixtures.js";
import { resolveAll } from "./resolve-all.js";

/** float32 sums in another order than the original's, relative to the largest output (1 where that is smaller). */
export const OUTPUT_TOLERANCE = 1e-5;
/** The same of a mean over few positions. */
const LOSS_TOLERANCE = 2e-6;
/** Relative to the largest element of a gradient. */
const GRADIENT_TOLERANCE = 1e-4;
/** Rounding noise of sums that cancel, of a loss of order one. */
const NOISE = 1e-8;
/** Rounding noise where the true gradient is zero. */
const ZERO_TOLERANCE = 1e-7;

const FORWARD_FAILS =
  "Make `model` give a forward pass that asks only for parameters of the layout, by canonical name.";

/** Outputs of every recorded checkpoint, against the original implementation's. */
export async function checkForward(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
  engine: keyof typeof engines,
): Promise<Outcome> {
  const problems: Problem[] = [];
  for (const recorded of fixtures.checkpoints) {
    problems.push(
      ...(await attempt(recorded.name, FORWARD_FAILS, async () => {
        const model = await readRecorded(architecture, recorded);
        const outputs = await runForward(
          engines[engine](),
          await makeModel(architecture, model),
          model.layout,
          model.weights,
          model.inputs,
        );
        return [...recorded.outputs].flatMap(([name, { data, shape }]) => {
          const actual = outputs.get(name);
          if (actual === undefined) {
            return [
              {
                message: `${recorded.name}: \`forward\` gives no output ${name} (it gives ${[...outputs.keys()].join(", ")}).`,
                advice: "Return it under Hugging Face's name.",
              },
            ];
          }
          const scale = Math.max(1, largestMagnitude(data));
          const difference = largestDifference(actual.data, data) / scale;
          if (difference <= OUTPUT_TOLERANCE) return [];
          return [
            {
              message:
                `${recorded.name}: ${name} ${shapeText(actual.shape)} differs from the recorded ${shapeText(shape)} by ` +
                `${scientific(difference)} of the largest (allowed ${scientific(OUTPUT_TOLERANCE)}).`,
              advice:
                "Compare the forward pass with the original, layer by layer: activation (gelu: erf or tanh), epsilon of the " +
                "norms, place of the norms, position offset, mask, scale of the scores, order of a fused axis.",
            },
          ];
        });
      })),
    );
  }
  return { problems: [...missingCheckpoints(fixtures), ...problems] };
}

/** Loss and gradients of every checkpoint that has them recorded, against the original implementation's. */
export async function checkGradients(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
  engine: keyof typeof engines,
): Promise<Outcome> {
  const recordings = fixtures.checkpoints.filter(({ gradients }) => gradients !== undefined);
  const problems: Problem[] = [];
  for (const recorded of recordings) {
    problems.push(
      ...(await attempt(recorded.name, FORWARD_FAILS, async () =>
        gradientProblems(architecture, await readRecorded(architecture, recorded), engine),
      )),
    );
  }
  if (recordings.length > 0) return { problems };
  if (fixtures.checkpoints.length === 0) return { problems: missingCheckpoints(fixtures) };
  return {
    problems: [
      {
        message: "No recorded checkpoint has gradients.",
        advice: "Record loss and gradients of a class that can be trained.",
      },
    ],
  };
}

async function gradientProblems(
  architecture: Architecture,
  model: RecordedModel,
  engine: keyof typeof engines,
): Promise<readonly Problem[]> {
  const { recorded, layout, weights } = model;
  const network = await makeModel(architecture, model);
  const objective = objectiveOf(network, recorded);
  if (objective === undefined) {
    return [
      {
        message: `${recorded.name}: a loss is recorded, but ${layout.className} has no objective ${recorded.objective ?? ""}.`,
        advice:
          "Return the objective from `model` (`maskedLanguageModelling`, `causalLanguageModelling`, `classification`).",
      },
    ];
  }
  const run = runGradients(engines[engine](), objective, layout, weights, recorded.inputs);
  const { loss, gradients } = await run;
  const problems: Problem[] = [];
  const expectedLoss = recorded.loss ?? Number.NaN;
  if (!(Math.abs(loss - expectedLoss) <= LOSS_TOLERANCE * Math.max(1, expectedLoss))) {
    problems.push({
      message: `${recorded.name}: the loss is ${loss}, recorded ${expectedLoss}.`,
      advice:
        "Make the objective the mean cross-entropy over labels that are not -100, as the original has it.",
    });
  }
  const expected = canonicalGradients(model);
  for (const tensor of expandLayout(layout)) {
    const wanted = expected.get(tensor.name);
    const actual = gradients.get(tensor.name);
    if (wanted === undefined || actual === undefined) continue;
    for (const { begin, end, isKeyBias } of stretches(layout, tensor)) {
      const part = wanted.subarray(begin, end);
      const difference = largestDifference(actual.subarray(begin, end), part);
      const isZero = isKeyBias || recorded.zeroGradients?.includes(tensor.name) === true;
      const allowed =
        GRADIENT_TOLERANCE * largestMagnitude(part) + (isZero ? ZERO_TOLERANCE : NOISE);
      if (difference <= allowed) continue;
      problems.push({
        message:
          `${recorded.name}: the gradient of "${tensor.name}" differs by ${scientific(difference)} ` +
          `(allowed ${scientific(allowed)}).`,
        advice:
          "Use every parameter in the loss as the original does, and let no operation stop its gradient; a tied parameter " +
          "collects the gradients of all its uses.",
      });
    }
  }
  if (expected.size === 0) {
    problems.push({
      message: `${recorded.name}: no recorded gradient belongs to a parameter of the layout.`,
      advice: "Make `renames` bring the original's parameter names to the canonical ones.",
    });
  }
  return problems;
}

/**
 * The stretches of a tensor whose gradients are compared apart: a key's bias shifts all scores of a query alike, which
 * softmax ignores, so its true gradient is zero, and both sides hold rounding noise that no relative tolerance can compare.
 */
function stretches(
  layout: Layout,
  { parameter, shape }: LayoutTensor,
): readonly { readonly begin: number; readonly end: number; readonly isKeyBias: boolean }[] {
  const keys = new Set(Object.values(layout.spaces).flatMap(({ pairing }) => pairing?.with ?? []));
  const [axis] = parameter.axes;
  if (parameter.axes.length !== 1 || axis === undefined || axis.role !== "out") {
    return [{ begin: 0, end: elementCount(shape), isKeyBias: false }];
  }
  // in whatever order a fused axis has them: that is another check's business
  const isKeyBias = axisSpaces(axis).some((space) => keys.has(space));
  let begin = 0;
  return axisSpaces(axis).map((space) => {
    const end = begin + (layout.spaces[space]?.size ?? 0);
    const stretch = { begin, end, isKeyBias };
    begin = end;
    return stretch;
  });
}

/**
 * Recorded gradients by canonical name. The original names parameters as it holds them in memory, which `renames` must
 * know; what it has no gradient for (a part the loss does not use) is left out.
 */
export function canonicalGradients(model: RecordedModel): ReadonlyMap<string, Float32Array> {
  const { gradients = new Map() as FixtureTensors } = model.recorded;
  const found = new Map<string, Float32Array>();
  const ranges = resolveAll(model.layout, gradients).resolved?.ranges;
  for (const [name, stored] of canonicalNames(model)) {
    const data = gradients.get(stored)?.data ?? new Float32Array(0);
    const range = ranges?.get(name);
    found.set(name, Float32Array.from(data).slice(range?.begin ?? 0, range?.end ?? data.length));
  }
  return found;
}

/** The original's name of every parameter it has a gradient of, by canonical name. */
export function canonicalNames({ recorded, layout }: RecordedModel): ReadonlyMap<string, string> {
  const { gradients = new Map() as FixtureTensors } = recorded;
  const { resolved, faults } = resolveAll(layout, gradients);
  const missing = new Set(
    faults.filter(({ code }) => code === "layout/missing-tensor").map(({ tensor }) => tensor),
  );
  return new Map(
    [...(resolved?.tensors ?? [])].filter(
      ([name, stored]) => !missing.has(name) && gradients.has(stored),
    ),
  );
}
