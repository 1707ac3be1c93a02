import {
  createPlan,
  createRandom,
  memorySource,
  methods,
  type Architecture,
  type Operator,
} from "@ligo/core";
import { makeOperator } from "@ligo/core/methods";
import { compareGrowth, randomModel, type SmallModel } from "../compare-growth.js";
import { deriveGrowths, type DerivedGrowth } from "../derive-growths.js";
import type { ArchitectureFixtures } from "../fixtures.js";
import { layOut, withoutLabels, type LaidOut } from "../models.js";
import { scientific } from "../numbers.js";
import { attempt, type Outcome, type Problem } from "../problem.js";
import { missingCheckpoints } from "./missing-fixtures.js";
import { OUTPUT_TOLERANCE } from "./parity.js";

const ADVICE =
  "Make spaces that share heads or channels products of the same factors (`attentionSpaces`, `groupedAttentionSpaces`); " +
  "say the scale of scores, the kind of norms (`norm`), what carries the values, and which speeds heads turn at.";

/**
 * Every growth that follows from the layout (each factor, space and stack alone, and all at once), by every method that says it
 * keeps the function: it does, on a model with random weights. And at twice a size some method does, unless layers are added to
 * a stack whose norms stand after the sums.
 */
export async function checkKeptFunctions(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const [recorded] = fixtures.checkpoints;
  if (recorded === undefined) return { problems: missingCheckpoints(fixtures) };
  const problems = await attempt(recorded.name, ADVICE, async () => {
    const { config } = recorded;
    const inputs = withoutLabels(recorded.inputs);
    const small = randomModel(architecture, config, inputs);
    const found: Problem[] = [];
    for (const growth of deriveGrowths(architecture, config)) {
      const keeping = await keepingMethods(architecture, small, growth);
      if (keeping.length === 0 && isExpectedToKeep(small, growth)) {
        found.push({
          message: `${recorded.name}: no method keeps the function at ${growth.name}.`,
          advice: ADVICE,
        });
      }
      for (const { name: method, operator } of keeping) {
        const { differences } = await compareGrowth(
          architecture,
          small,
          growth.keys,
          () => operator,
        );
        for (const [output, difference] of differences) {
          // sums of a larger model in another order: as much as outputs may differ from transformers'
          if (difference <= OUTPUT_TOLERANCE) continue;
          found.push({
            message:
              `${recorded.name}: at ${growth.name} (grown: ${growth.grown.join(", ")}) ${method} says it keeps the ` +
              `function, but ${output} differs by ${scientific(difference)} of the largest.`,
            advice: ADVICE,
          });
        }
      }
    }
    return found;
  });
  return { problems };
}

/** A method that says it keeps the function, with its operator. */
export interface Keeping {
  readonly name: string;
  readonly operator: Operator;
}

/** The methods that say they keep the function; of those that grow alike the first. */
export async function keepingMethods(
  architecture: Architecture,
  small: SmallModel,
  { keys }: DerivedGrowth,
): Promise<readonly Keeping[]> {
  const plan = createPlan(small.layout, layOut(architecture, { ...small.raw, ...keys }).layout);
  const found = new Map<string, Keeping>();
  for (const method of methods) {
    // without data such a method grows as another one
    if (method.learns !== false || method.asksData === true) continue;
    if (!method.keepsFunction(plan, architecture).kept) continue;
    const operator = await makeOperator(method, plan, memorySource(small.weights), {
      random: createRandom(3),
    });
    const numbers = [...operator.tensors].map(([name, { data }]) => `${name} ${data.join(" ")}`);
    const key = numbers.join("\n");
    if (!found.has(key)) found.set(key, { name: method.name, operator });
  }
  return [...found.values()];
}

function isExpectedToKeep({ layout }: LaidOut, { grown, name }: DerivedGrowth): boolean {
  const addsPost = Object.entries(layout.stacks).some(
    ([stack, { norm }]) => norm === "post" && grown.includes(`layers of ${stack}`),
  );
  return name.endsWith("x 2") && !addsPost;
}
