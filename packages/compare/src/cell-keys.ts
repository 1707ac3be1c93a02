import { createHash } from "node:crypto";
import { methodNamed } from "@ligo/core";
import { defaultsOf, growSettings, methodFacts, trainSettings } from "@ligo/sdk/settings";
import { softwareVersions } from "@ligo/sdk/models";
import {
  AUTO,
  budgetOf,
  growthOf,
  methodsOf,
  SCRATCH,
  SOURCE,
  SOURCE_AS_TEACHER,
  usesSource,
  type ComparedMethod,
  type Comparison,
  type TrainingSettings,
} from "./comparison.js";
import { given } from "./given.js";

/** One method on one seed. */
export interface Cell {
  /** The same for cells that would give the same result: a hash of everything that determines it. */
  readonly key: string;
  readonly seed: number;
  readonly method: ComparedMethod;
  /** Settings of the training after growth; before `budget` takes steps away for growing. */
  readonly training: TrainingSettings & { readonly steps: number };
  /** Key of the source that is trained for the cell; `undefined` where the source is given. */
  readonly source: string | undefined;
}

/** Facts that cells are determined by, beside the comparison itself. */
export interface CellFacts {
  /** Hashes of a source that is given. */
  readonly source: object | undefined;
  /** Hash of the data. */
  readonly data: string;
  readonly objective: string;
  /** Config of the target. */
  readonly target: Readonly<Record<string, unknown>>;
}

const hashOf = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);

/** Whether a row learns an operator, or may do so. */
export const isLearned = (row: ComparedMethod): boolean =>
  methodsOf(row).some((name) => name === AUTO || methodNamed(name).learns !== false);

/** The cells of a comparison, seed by seed. */
export function cellsOf(comparison: Comparison, facts: CellFacts): readonly Cell[] {
  const { source } = comparison;
  const { engine, heldOut } = {
    ...defaultsOf(trainSettings, "engine", "heldOut"),
    ...given(comparison),
  };
  const common = {
    versions: softwareVersions(),
    engine,
    data: facts.data,
    heldOut,
    weights: comparison.dataWeights,
    objective: facts.objective,
  };
  const sourceFacts =
    typeof source === "string" ? facts.source : { ...source, training: given(source.training) };
  return comparison.seeds.flatMap((seed) => {
    const sourceKey = hashOf({ ...common, source: sourceFacts, seed });
    const start = typeof source === "string" ? facts.source : sourceKey;
    return comparison.methods.map((method): Cell => {
      const training = { ...comparison.training, ...method.training };
      const startsThere = usesSource(method);
      const isTaught = training.teacher === SOURCE_AS_TEACHER;
      const key = hashOf({
        ...common,
        ...(startsThere ? { source: start } : {}),
        ...growthFacts(comparison, method),
        ...(isTaught ? { teacher: start } : {}),
        ...(method.phases === undefined
          ? {}
          : { phases: method.phases, budget: budgetOf(comparison, method) }),
        ...given({ downstream: comparison.downstream, evaluation: comparison.evaluation }),
        target: facts.target,
        training: given(training),
        seed,
      });
      return {
        key,
        seed,
        method,
        training: {
          ...training,
          steps: training.steps ?? defaultsOf(trainSettings, "steps").steps,
        },
        source: (startsThere || isTaught) && typeof source !== "string" ? sourceKey : undefined,
      };
    });
  });
}

/** Facts of a row's growths. Phases that learn nothing are told by their names alone. */
function growthFacts(comparison: Comparison, row: ComparedMethod): object {
  const { method } = row;
  const budget = budgetOf(comparison, row);
  if (method === SOURCE) return { method, budget };
  const growth = determinedGrowth(comparison, row);
  if (method !== SCRATCH) return { growth, method, budget };
  return isLearned(row) ? { growth } : {};
}

/** Settings that the outcome of a growth depends on: where nothing is learned, none of learning. */
function determinedGrowth(comparison: Comparison, row: ComparedMethod): object {
  const settings = growthOf(comparison, row);
  // another version of this package may have other defaults
  if (isLearned(row)) return { ...learningDefaults(), ...settings };
  const options = methodFacts
    .filter(({ name }) => name === row.method)
    .flatMap((facts) =>
      facts.options.map((name) => [name, settings[name as keyof typeof settings]]),
    );
  return given({ ties: settings.ties, ...(Object.fromEntries(options) as object) });
}

/** Defaults of growing, as keys of cells have held them from the first. */
const learningDefaults = (): object => ({
  // the default that was; a row names its own
  method: "ligo",
  ...defaultsOf(
    growSettings,
    "steps",
    "batch",
    "accumulate",
    "checkpointActivations",
    "sequence",
    "learningRate",
    "rates",
    "warmup",
    "dropout",
    "seed",
    "form",
    "initialDepth",
    "initialWidth",
    "rank",
    "ties",
    "engine",
    "heldOut",
  ),
  evaluationBatches: 8,
});
