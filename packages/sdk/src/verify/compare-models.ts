import { multiply, type Matrix } from "@ligo/core";
import { hiddenStateName } from "../models/forward-pass.js";
import type { Output } from "../models/forward-result.js";
import { loadModel } from "../models/load-model.js";
import type { OpenedModel } from "../models/open-model.js";
import { UsageError } from "../usage-error.js";
import { relativeDistance, stateAlignment } from "./activation-drift.js";
import {
  compareOutputs,
  elementDistance,
  largestMagnitude,
  type Difference,
} from "./compare-outputs.js";
import type { RecordedGrowth } from "./recorded-growth.js";
import { knownMap } from "./known-map.js";

/** An opened model and what it put out. */
export interface ModelOutputs {
  readonly model: OpenedModel;
  readonly outputs: ReadonlyMap<string, Output>;
}

/** An output of both models, compared. */
export interface ComparedOutput {
  readonly name: string;
  readonly difference: Difference;
  /** Largest magnitude of the small model's numbers, as they were compared. */
  readonly magnitude: number;
}

export interface ComparedModels {
  readonly compared: readonly ComparedOutput[];
  /** Outputs that one of the models lacks, or has in a shape of its own. */
  readonly uncompared: readonly string[];
}

/** The space that hidden states between layers are of. */
export const STATE_SPACE = "embed";

/**
 * Compares the outputs that both models have: states through the map of their space, all others where they have one shape.
 * Models without any, of two classes, compare by the states that leave the last layers of their stacks.
 *
 * Throws {@link UsageError}: `sdk/not-comparable`.
 */
export async function compareModels(
  small: ModelOutputs,
  grown: ModelOutputs,
  growth: RecordedGrowth,
): Promise<ComparedModels> {
  const [before, after] = [properOutputs(small), properOutputs(grown)];
  const { outputSpaces = {} } = await loadModel(small.model.spec);
  const compared: ComparedOutput[] = [];
  for (const [name, one] of before) {
    const other = after.get(name);
    const space = outputSpaces[name];
    if (other === undefined) continue;
    if (space !== undefined) compared.push(await compareStates(name, space, one, other, growth));
    else if (String(one.shape) === String(other.shape)) {
      const magnitude = largestMagnitude(one.data);
      compared.push({ name, difference: compareOutputs(one, other), magnitude });
    }
  }
  const known = new Set(compared.map(({ name }) => name));
  const uncompared = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => !known.has(name),
  );
  if (compared.length > 0) return { compared, uncompared };
  const last = await compareLastStates(small, grown, growth);
  if (last.length > 0) return { compared: last, uncompared };
  throw notComparable(small, grown);
}

/** Outputs but for losses and hidden states. */
function properOutputs({ outputs }: ModelOutputs): ReadonlyMap<string, Output> {
  return new Map(
    [...outputs].filter(([name]) => name !== "loss" && !name.startsWith("hidden_states.")),
  );
}

/** The states that leave the last layer of every stack that both models have. */
async function compareLastStates(
  small: ModelOutputs,
  grown: ModelOutputs,
  growth: RecordedGrowth,
): Promise<readonly ComparedOutput[]> {
  const lastOf = ({ model, outputs }: ModelOutputs, stack: string): Output | undefined =>
    outputs.get(hiddenStateName(stack, model.spec.layout.stacks[stack]?.layers ?? 0));
  const compared: ComparedOutput[] = [];
  for (const stack of Object.keys(small.model.spec.layout.stacks)) {
    const [one, other] = [lastOf(small, stack), lastOf(grown, stack)];
    if (one === undefined || other === undefined || one.shape[0] !== other.shape[0]) continue;
    compared.push(await compareStates(`hidden_states.${stack}`, STATE_SPACE, one, other, growth));
  }
  return compared;
}

/** An output as rows of states. */
function asStates({ data, shape }: Output): Matrix {
  const columns = shape.at(-1) ?? 1;
  return { rows: data.length / columns, columns, data };
}

async function compareStates(
  name: string,
  space: string,
  one: Output,
  other: Output,
  growth: RecordedGrowth,
): Promise<ComparedOutput> {
  const [state, grown] = [asStates(one), asStates(other)];
  const map = knownMap(growth, space, { rows: grown.columns, columns: state.columns });
  const shared = { space, alignment: stateAlignment(state, grown) };
  if (map === undefined) {
    const states = { ...shared, map: null, drift: null, unread: 0 };
    return { name, difference: { max: null, mean: null, kl: null, states }, magnitude: 0 };
  }
  const isCompared = (_: number, index: number): boolean => !map.unread.has(index % grown.columns);
  const mapped = (await multiply(state, map.matrix, { transposeB: true })).data.filter(isCompared);
  const actual = grown.data.filter(isCompared);
  const states = {
    ...shared,
    map: map.from,
    drift: relativeDistance(actual, mapped),
    unread: map.unread.size,
  };
  return {
    name,
    difference: { ...elementDistance(mapped, actual), kl: null, states },
    magnitude: largestMagnitude(mapped),
  };
}

function notComparable(small: ModelOutputs, grown: ModelOutputs): UsageError {
  const shapes = (one: ModelOutputs): string =>
    [...properOutputs(one)].map(([name, { shape }]) => `${name} [${shape.join(", ")}]`).join(", ");
  const [expected, actual] = [shapes(small), shapes(grown)];
  return new UsageError(
    "sdk/not-comparable",
    `The two models have no output of the same shape: ${small.model.spec.file} gives ${expected}, ` +
      `${grown.model.spec.file} gives ${actual}. Compare models of the same class.`,
    { expected, actual },
  );
}

/** Reasons for which differences are not known. */
export function unknownReasons(
  compared: readonly ComparedOutput[],
  small: OpenedModel,
  grown: OpenedModel,
  { operator }: RecordedGrowth,
): readonly string[] {
  const spaces = new Set(
    compared.flatMap(({ difference: { max, states } }) =>
      max === null ? (states?.space ?? []) : [],
    ),
  );
  return [...spaces].map((space) => {
    const [before, after] = [small, grown].map(({ spec }) => spec.layout.spaces[space]?.size);
    const why =
      operator === undefined
        ? `${grown.checkpoint.folder} holds no operator of this growth`
        : "its operator has no map for this space alone";
    return `${space}: ${before} becomes ${after}, and no map between them is known: ${why}`;
  });
}
