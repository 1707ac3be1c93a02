import { elementCount, type Architecture } from "@ligo/core";
import type { DropoutMasks } from "@ligo/nn";
import * as tf from "@ligo/tfjs";
import type { ArchitectureFixtures, RecordedCheckpoint, RecordedDropout } from "../fixtures.js";
import { engines, makeModel, objectiveOf, readRecorded, runGradients } from "../models.js";
import { attempt, type Outcome, type Problem } from "../problem.js";
import { missingCheckpoints } from "./missing-fixtures.js";
import { canonicalNames } from "./parity.js";

/** float32 sums in another order than the original's: of a loss, and of a gradient's norm. */
const LOSS_TOLERANCE = 5e-6;
const NORM_TOLERANCE = 2e-4;
/** Rounding noise of sums that cancel. */
const NOISE = 1e-7;

/** Loss and gradients in training mode, with masks that stand in for random ones, against the original's. */
export async function checkDropout(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const recordings = fixtures.checkpoints.flatMap((recorded) =>
    recorded.dropout === undefined ? [] : [{ recorded, dropout: recorded.dropout }],
  );
  if (fixtures.checkpoints.length === 0) return { problems: missingCheckpoints(fixtures) };
  if (recordings.length === 0) {
    return { notApplicable: "no checkpoint has dropout recorded (record-dropout.py)" };
  }
  const problems: Problem[] = [];
  for (const { recorded, dropout } of recordings) {
    const advice = "Give every rate of the config to `dropout`, where the original drops.";
    problems.push(
      ...(await attempt(recorded.name, advice, () =>
        dropoutProblems(architecture, recorded, dropout),
      )),
    );
  }
  return { problems };
}

async function dropoutProblems(
  architecture: Architecture,
  recorded: RecordedCheckpoint,
  expected: RecordedDropout,
): Promise<readonly Problem[]> {
  const config = { ...recorded.config, ...expected.config };
  const model = await readRecorded(architecture, { ...recorded, config });
  const objective = objectiveOf(await makeModel(architecture, model), recorded);
  if (objective === undefined) throw new RangeError("There is no objective.");
  const drawn: (readonly [number, number])[] = [];
  const { loss, gradients } = await runGradients(
    engines.onnx(),
    objective,
    model.layout,
    model.weights,
    recorded.inputs,
    recordedMasks(drawn),
  );
  const advice =
    "Drop what the original drops, in its order: embeddings, then in every layer attention weights, attention branch, " +
    "MLP branch, then the head.";
  if (JSON.stringify(drawn) !== JSON.stringify(expected.masks)) {
    return [
      {
        message:
          `${recorded.name}: the masks drawn, as [elements, rate], are ${JSON.stringify(drawn)}, recorded ` +
          `${JSON.stringify(expected.masks)}.`,
        advice,
      },
    ];
  }
  const problems: Problem[] = [];
  if (!(Math.abs(loss - expected.loss) <= LOSS_TOLERANCE * Math.max(1, expected.loss))) {
    problems.push({
      message: `${recorded.name}: the loss with dropout is ${loss}, recorded ${expected.loss}.`,
      advice,
    });
  }
  for (const [name, stored] of canonicalNames(model)) {
    const norm = Math.hypot(...(gradients.get(name) ?? []));
    const wanted = expected.gradients[stored];
    // a key's bias has no gradient but rounding noise; parts of a fused tensor have no norm of their own
    if (wanted === undefined || Math.abs(norm - wanted) <= NORM_TOLERANCE * wanted + NOISE)
      continue;
    problems.push({
      message: `${recorded.name}: the gradient of "${name}" with dropout has the norm ${norm}, recorded ${wanted}.`,
      advice,
    });
  }
  return problems;
}

/** The masks of `record-dropout.py`, and a note of each. */
export function recordedMasks(drawn: (readonly [number, number])[]): DropoutMasks {
  return {
    keep(shape, rate) {
      const size = elementCount(shape);
      const start = 104729 * drawn.length;
      drawn.push([size, rate]);
      const mask = Uint8Array.from({ length: size }, (_, element) =>
        Number((7919 * element + start) % 1000 >= Math.round(1000 * rate)),
      );
      return tf.tensor(mask, [...shape], "bool");
    },
  };
}
