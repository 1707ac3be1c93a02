import type { Architecture, RawConfig } from "@ligo/core";
import { configIssues } from "../config-issues.js";
import type { ArchitectureFixtures } from "../fixtures.js";
import { headerConfig } from "../models.js";
import type { Outcome, Problem } from "../problem.js";
import { missingHeaders } from "./missing-fixtures.js";

/** Value that no config key allows. */
const NONSENSE: RawConfig = { not: "a value" };

/**
 * Check of the contract: the package names the model types it serves, its schema follows Standard Schema, is synchronous
 * and takes each of them, and the keys it declares are keys that the schema checks.
 */
export async function checkContract(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const [one] = fixtures.headers.cases;
  if (one === undefined) return { problems: missingHeaders(fixtures) };
  const { config, modelTypes } = architecture;
  if (modelTypes.length === 0) {
    return {
      problems: [
        {
          message: "`modelTypes` is empty.",
          advice: 'List each `model_type` the package serves: `modelTypes: ["bert"]`.',
        },
      ],
    };
  }
  const raw = headerConfig(architecture, fixtures, one);
  const answer: unknown = config["~standard"].validate(raw);
  if (config["~standard"].version !== 1 || answer instanceof Promise) {
    return {
      problems: [
        {
          message: "`config` is not a synchronous schema of Standard Schema, version 1.",
          advice: "Give a schema of zod, valibot, arktype or another library that follows it.",
        },
      ],
    };
  }
  return {
    problems: [
      ...modelTypes.flatMap((type) => typeProblems(architecture, { ...raw, model_type: type })),
      ...declaredKeys(architecture).flatMap((key) => keyProblems(architecture, raw, key)),
    ],
  };
}

/** Config keys that an architecture names beside its schema. */
function declaredKeys({ follows, functionKeys, normEpsilon }: Architecture): readonly string[] {
  const named = [...functionKeys, ...Object.entries(follows ?? {}).flat(), normEpsilon];
  return [...new Set(named)].filter((key) => key !== undefined);
}

function typeProblems(architecture: Architecture, raw: RawConfig): readonly Problem[] {
  const refused = configIssues(architecture, raw).filter((issue) => issue.startsWith("model_type"));
  return refused.map((issue) => ({
    message: `The schema refuses the model type ${String(raw["model_type"])} of \`modelTypes\`: ${issue}.`,
    advice: "Accept in `config` every model type that `modelTypes` lists.",
  }));
}

/** A key that is misspelt is kept like any unknown one: only a schema that checks it refuses nonsense. */
function keyProblems(architecture: Architecture, raw: RawConfig, key: string): readonly Problem[] {
  if (configIssues(architecture, { ...raw, [key]: NONSENSE }).length > 0) return [];
  return [
    {
      message: `The key ${key} is declared, but the schema takes anything for it.`,
      advice:
        "Spell keys of `functionKeys`, `follows` and `normEpsilon` as `config` does, and let it check them.",
    },
  ];
}
