import {
  createRandom,
  methodNamed,
  type Architecture,
  type Operator,
  type Plan,
  type RawConfig,
} from "@ligo/core";
import { rowChanges } from "@ligo/core/stream";
import { compareGrowth, randomModel } from "../compare-growth.js";
import type { ArchitectureFixtures } from "../fixtures.js";
import { layOut, withoutLabels, type LaidOut } from "../models.js";
import { scientific } from "../numbers.js";
import { attempt, type Outcome, type Problem } from "../problem.js";
import { missingCheckpoints } from "./missing-fixtures.js";
import { OUTPUT_TOLERANCE } from "./parity.js";

const ADVICE =
  "Make the space of tokens with `tokenSpace(config.vocab_size)`, and give every table, readout and bias over tokens an axis of it.";
const METHOD = "lemon";

/** One and a half times as many tokens, by a method that keeps the function: outputs, over those that there were, stay. */
export async function checkNewTokens(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const [recorded] = fixtures.checkpoints;
  if (recorded === undefined) return { problems: missingCheckpoints(fixtures) };
  const { config, name } = recorded;
  const before = layOut(architecture, config);
  const space = tokensOf(before);
  if (space === undefined) return { notApplicable: "it reads no tokens" };
  const problems = await attempt(name, ADVICE, async (): Promise<readonly Problem[]> => {
    const keys = moreTokens(architecture, before, space);
    if (keys === undefined) {
      return [
        {
          message: `${name}: no key of the config makes "${space}" larger by rows.`,
          advice: ADVICE,
        },
      ];
    }
    const small = randomModel(architecture, config, withoutLabels(recorded.inputs));
    const { differences } = await compareGrowth(architecture, small, keys, lemonOperator);
    if (differences.size === 0)
      return [{ message: `${name}: no output can be compared.`, advice: ADVICE }];
    return [...differences].flatMap(([output, difference]) =>
      difference <= OUTPUT_TOLERANCE
        ? []
        : [
            {
              message:
                `${name}: with more tokens (${Object.keys(keys).join(", ")}) ${output} differs by ` +
                `${scientific(difference)} of the largest over the tokens that there were.`,
              advice: ADVICE,
            },
          ],
    );
  });
  return { problems };
}

/** The space of tokens: by what its rows are, or by its usual name. */
function tokensOf({ layout }: LaidOut): string | undefined {
  const spaces = Object.entries(layout.spaces);
  return spaces.find(([name, { rows }]) => rows?.of === "tokens" || name === "vocab")?.[0];
}

const lemonOperator = (plan: Plan): Operator =>
  methodNamed(METHOD).operator(plan, { random: createRandom(3) });

/** The key of the config that makes the tokens one and a half times as many. */
function moreTokens(
  architecture: Architecture,
  before: LaidOut,
  space: string,
): RawConfig | undefined {
  for (const [key, value] of Object.entries(before.config)) {
    if (typeof value !== "number" || value !== before.layout.spaces[space]?.size) continue;
    const keys = { [key]: Math.ceil(1.5 * value) };
    const now = grownLayout(architecture, before, keys);
    const changes = now === undefined ? [] : rowChanges(before.layout, now);
    if (changes.length === 1 && changes[0]?.space === space) return keys;
  }
  return undefined;
}

function grownLayout(
  architecture: Architecture,
  { raw }: LaidOut,
  keys: RawConfig,
): LaidOut["layout"] | undefined {
  try {
    return layOut(architecture, { ...raw, ...keys }).layout;
  } catch {
    return undefined;
  }
}
