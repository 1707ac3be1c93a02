import type { Operator } from "@ligo/core";
import type { LearnableTensor } from "@ligo/core/operator";
import { expressions, isMixture, operatorNames } from "@ligo/core/operator";
import type { Growth } from "../growth/open-growth.js";
import { configHash, softwareVersions, type SourceRecord } from "../models/record-file.js";
import type { CheckedGrowSettings } from "../settings/types.generated.js";
import { jsonKeys } from "../settings/snake-case.js";
import type { TokenFacts } from "../tasks/task.js";

export const LEARNING_FORMAT = "ligo.learning";
export const LEARNING_FORMAT_VERSION = 1;

/** Names of the files of an exported learning. */
export const FILES = {
  document: "learning.json",
  config: "config.json",
  fresh: "fresh.safetensors",
  steps: "steps",
} as const;

/** Facts that the document is made from. */
export interface LearningFacts {
  readonly growth: Growth;
  readonly source: SourceRecord;
  readonly settings: CheckedGrowSettings;
  readonly method: string;
  readonly operator: Operator;
  readonly operatorFile: string;
  /** Rows of the operator that are learned. */
  readonly learnable: ReadonlyMap<string, LearnableTensor>;
  /** Factors on the learning rate, of tensors that are learned. */
  readonly rates: Readonly<Record<string, number>>;
  /** Whether a part of the grown model starts afresh. */
  readonly isFresh: boolean;
  readonly objective: string;
  readonly unit: string;
  /** Learning rate of every step. */
  readonly learningRates: readonly number[];
  readonly tokens: TokenFacts | undefined;
  /** Steps that were computed here. */
  readonly dumped: number;
}

/**
 * A learning as data: what is made of what, tensor by tensor; what is learned, from where, at which rates and on which batches.
 * `docs/reference/learning.schema.json` is its schema.
 */
export function learningDocument(facts: LearningFacts): object {
  const { growth, operator, settings } = facts;
  const { plan, target } = growth;
  const { accumulate, batch, beta1, beta2, epsilon, seed, sequence, steps } = settings;
  const ties = plan.target.parameters.filter(({ tiedTo }) => tiedTo !== undefined);
  return jsonKeys({
    format: LEARNING_FORMAT,
    formatVersion: LEARNING_FORMAT_VERSION,
    versions: softwareVersions(),
    architecture: plan.architecture,
    source: facts.source,
    target: { class: target.className, file: FILES.config, configSha256: configHash(target.raw) },
    spaces: spacesOf(growth),
    ties: Object.fromEntries(ties.map(({ name, tiedTo }) => [name, tiedTo])),
    operator: {
      file: facts.operatorFile,
      method: facts.method,
      order: operator.order,
      widthScope: operator.widthScope,
      terms: operator.terms,
      tensors: learnedTensors(facts),
    },
    fresh: facts.isFresh ? FILES.fresh : null,
    tensors: expressions(plan, operatorNames(operator)).map(
      ({ interleaved = null, offset = 0, factor = 1, order: _order, ...one }) => ({
        ...one,
        terms: one.terms.map(({ axes, depth = null, kinds = null }) => ({
          depth,
          kinds,
          axes: axes.map((segments) => segments?.map(segmentOf) ?? null),
        })),
        offset,
        factor,
        interleaved,
      }),
    ),
    learning: {
      objective: facts.objective,
      unit: facts.unit,
      batch,
      accumulate,
      sequence,
      steps,
      seed,
      optimizer: { name: "adamw", beta1, beta2, epsilon, weightDecay: 0, clipNorm: 1 },
      learningRates: facts.learningRates,
    },
    tokens: facts.tokens ?? null,
    dumped: Array.from({ length: facts.dumped }, (_, step) => stepFile(step)),
  }) as object;
}

/** File of a step, from 0. */
export const stepFile = (step: number): string => `${FILES.steps}/${step + 1}.safetensors`;

type Segment = NonNullable<
  ReturnType<typeof expressions>[number]["terms"][number]["axes"][number]
>[number];

function segmentOf({ map, newSize, oldSize, spread }: Segment): object {
  if (spread === undefined) return { map: map ?? null, oldSize, newSize };
  const { newOwners, oldOwners, weights } = spread;
  const { columns, data, rows } = weights;
  const matrix = Array.from({ length: rows }, (_, row) => [
    ...data.subarray(row * columns, (row + 1) * columns),
  ]);
  return { map, oldSize, newSize, spread: { weights: matrix, oldOwners, newOwners } };
}

function spacesOf({ plan }: Growth): object {
  return Object.entries(plan.target.spaces).map(([name, { factors, grows, scope, size }]) => ({
    name,
    from: plan.source.spaces[name]?.size ?? size,
    to: size,
    scope,
    grows,
    ...(factors === undefined
      ? {}
      : { factors: factors.map((factor) => ({ name: factor.name, size: factor.size })) }),
  }));
}

function learnedTensors({ learnable, operator, rates }: LearningFacts): object {
  return Object.fromEntries(
    [...operator.tensors].map(([name, { columns, rows }]) => {
      const frozenRows = learnable.get(name)?.frozenRows ?? rows;
      const mixes = isMixture(name);
      return [name, { rows, columns, frozenRows, mixes, rate: rates[name] ?? 1 }];
    }),
  );
}
