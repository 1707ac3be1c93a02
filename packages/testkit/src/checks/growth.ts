import type { Layout, RawConfig, Architecture } from "@ligo/core";
import { isOwned, writesResidual } from "@ligo/core/layout";
import { stackOperator } from "@ligo/core/methods";
import { compareGrowth, type GrownModel } from "../compare-growth.js";
import type { ArchitectureFixtures } from "../fixtures.js";
import { readRecorded, type RecordedModel } from "../models.js";
import { scientific } from "../numbers.js";
import { attempt, type Outcome, type Problem } from "../problem.js";
import { missingCheckpoints } from "./missing-fixtures.js";

/** Logits of order one, in float32 sums over twice as many terms: what x2 width may change them by, relative to the largest. */
const WIDTH_TOLERANCE = 1e-5;
/** Sums of the same terms and of zeros. */
const DEPTH_TOLERANCE = 1e-6;
/** Least change by a growth that does not keep the function, relative to the largest output. */
const LOSSY = 1e-3;

const BAD_GROWTH =
  "Make `config` accept the grown config and `layout` lay it out, and mend what the plan says of the layout.";

/** Grows a recorded model by copies and compares outputs before and after. */
async function growAndCompare(
  architecture: Architecture,
  model: RecordedModel,
  keys: RawConfig,
  depth: "stackbert" | "zero-block",
): Promise<GrownModel> {
  return compareGrowth(architecture, model, keys, (plan) => stackOperator(plan, { depth }));
}

async function forModels(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
  work: (model: RecordedModel) => Promise<readonly Problem[]>,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [...missingCheckpoints(fixtures)];
  for (const recorded of fixtures.checkpoints) {
    problems.push(
      ...(await attempt(recorded.name, BAD_GROWTH, async () =>
        work(await readRecorded(architecture, recorded)),
      )),
    );
  }
  return problems;
}

/** Check 9: growing to twice the width by copies keeps the outputs to 1e-5. */
export async function checkWidth(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  let compared = 0;
  const problems = await forModels(architecture, fixtures, async (model) => {
    const { name } = model.recorded;
    const { target, differences, undeclared } = await growAndCompare(
      architecture,
      model,
      fixtures.wider(model.raw),
      "stackbert",
    );
    compared += differences.size;
    const tied = model.layout.parameters.some(({ tiedTo }) => tiedTo !== undefined);
    return [
      ...notDoubled(model.layout, target).map((space) => ({
        message: `${name}: \`wider\` of the fixtures does not double the space "${space}".`,
        advice:
          "Change every config key a growing space takes its size from; a space that must keep its size has grows: false.",
      })),
      ...undeclared.map((output) => ({
        message: `${name}: at twice the width ${output} has another shape, and the model does not say of which space.`,
        advice: 'Name it in `outputSpaces` of the class: `{ last_hidden_state: "embed" }`.',
      })),
      ...[...differences]
        .filter(([, difference]) => !(difference <= WIDTH_TOLERANCE))
        .map(([output, difference]) => ({
          message: `${name}: at twice the width ${output} differs by ${scientific(difference)} of the largest.`,
          advice:
            "Check the roles: what writes a space is `out`, what reads it `in`, what scales it per channel `elem`; that " +
            "every use of one vector names one space; and `unit` and `pairedWith` of query and key." +
            (tied
              ? " With a tied readout, its last norm has `readout` and the readout reads the embedding's own space."
              : ""),
        })),
    ];
  });
  if (compared > 0 || problems.length > 0) return { problems };
  return {
    problems: [
      {
        message: "No recorded checkpoint has an output that keeps its shape when the model grows.",
        advice: "Record a class with a head (`logits`).",
      },
    ],
  };
}

function notDoubled(source: Layout, target: Layout): readonly string[] {
  // heads stay as large as they are
  const ofHeads = new Set(Object.values(source.spaces).map(({ normedBy }) => normedBy));
  return Object.entries(source.spaces)
    .filter(([name, { grows }]) => grows && !ofHeads.has(name))
    .filter(([name, { size }]) => target.spaces[name]?.size !== 2 * size)
    .map(([name]) => name);
}

/**
 * Check 10: added zero blocks keep the outputs exactly where the layout says its norms stand before the sublayers
 * (`pre`), and do not where it says they stand after (`post`).
 */
export async function checkDepth(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const problems = await forModels(architecture, fixtures, async (model) => {
    const { name } = model.recorded;
    const { target, differences } = await growAndCompare(
      architecture,
      model,
      fixtures.deeper(model.raw),
      "zero-block",
    );
    const { stacks } = model.layout;
    const stuck = Object.keys(stacks).filter(
      (stack) => (target.stacks[stack]?.layers ?? 0) !== 2 * (stacks[stack]?.layers ?? 0),
    );
    const isLossy = Object.values(stacks).some(({ norm }) => norm === "post");
    const worst = Math.max(0, ...differences.values());
    const found: Problem[] = stuck.map((stack) => ({
      message: `${name}: \`deeper\` of the fixtures does not double the layers of the stack "${stack}".`,
      advice: "Change the config key of this stack's number of layers.",
    }));
    if (!isLossy && !(worst <= DEPTH_TOLERANCE)) {
      found.push({
        message: `${name}: zero blocks change the outputs by ${scientific(worst)}, though every norm is declared \`pre\`.`,
        advice:
          'Declare norm: "post" if norms stand after the residual sums. Else what a layer adds to the residual stream must ' +
          "come from parameters with an `out` axis over the stream's space, and that space has the scope `model`: " +
          `now these are ${writers(model.layout).join(", ") || "none"}.`,
      });
    }
    if (isLossy && worst < LOSSY && differences.size > 0) {
      found.push({
        message: `${name}: zero blocks change no output by more than ${scientific(worst)}, though a norm is declared \`post\`.`,
        advice: 'Declare norm: "pre" for stacks that normalise what a sublayer reads.',
      });
    }
    return found;
  });
  return { problems };
}

/** The parameters that write the residual stream. */
function writers(layout: Layout): readonly string[] {
  return layout.parameters
    .filter((parameter) => isOwned(parameter) && writesResidual(layout, parameter))
    .map(({ name }) => name);
}
