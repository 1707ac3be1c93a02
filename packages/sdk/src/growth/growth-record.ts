import { axisSpaces } from "@ligo/core/layout";
import {
  expressions,
  operatorNames,
  type Expression,
  type FreshEntries,
  type TensorOrigins,
} from "@ligo/core/operator";
import {
  configHash,
  recordedSettings,
  softwareVersions,
  type SourceRecord,
} from "../models/record-file.js";
import { changedSizes } from "../card/growth-summary.js";
import { peakMemoryBytes } from "../peak-memory.js";
import { oldStretches } from "./grown-entries.js";
import type { GrownContents } from "./grown-contents.js";
import { OPERATOR_NAME } from "./operator-file.js";
import { rowFacts } from "./row-facts.js";

/** The record of a growth, `ligo.json`: settings, inputs, results, and for every tensor its provenance. */
export function growthRecord(
  contents: GrownContents,
  source: SourceRecord,
  origins: readonly TensorOrigins[],
): Readonly<Record<string, unknown>> {
  const { dtype, growth, kept, losses, moments, operator, timings } = contents;
  const { plan, target } = growth;
  const { fresh, normEpsilonScale, order, perturbation, readPower, widthScope, terms } = operator;
  return {
    format: "ligo.record",
    format_version: 1,
    command: "grow",
    versions: softwareVersions(),
    objective: contents.task?.objective ?? null,
    settings: recordedSettings(contents.recorded),
    source,
    target: { class: target.className, config_sha256: configHash(target.raw), dtype },
    operator: {
      file: OPERATOR_NAME,
      order,
      width_scope: widthScope,
      terms,
      // entries that no term reaches start from scratch, or those at certain places
      ...(fresh === undefined ? {} : { fresh: freshRecord(fresh) }),
      ...(readPower === undefined ? {} : { read_power: readPower }),
      ...(perturbation === undefined ? {} : { perturbation }),
      ...(normEpsilonScale === undefined ? {} : { norm_epsilon_scale: normEpsilonScale }),
    },
    keeps_function: kept.kept,
    reasons: kept.kept ? [] : kept.reasons,
    losses,
    ...(contents.probe === undefined ? {} : { probe: contents.probe }),
    flops: contents.flops,
    seconds: timings.seconds,
    peak_memory_bytes: peakMemoryBytes(),
    method: contents.method,
    parameters: contents.parameters,
    sizes: changedSizes(growth.source.spec.raw, target.raw),
    ...(growth.rows.length === 0 ? {} : { rows: growth.rows.map(rowFacts) }),
    ...(growth.lostTokens.length === 0 ? {} : { lost_tokens: growth.lostTokens }),
    ...(moments === undefined ? {} : { carried_moments: moments.counts }),
    dropped: plan.dropped,
    ignored: growth.source.ignored,
    tensors: Object.fromEntries(
      expressions(plan, operatorNames(operator)).map((expression) => [
        expression.name,
        { ...provenance(expression), ...rowsOf(expression, growth) },
      ]),
    ),
    // entries that are the source's, by stretches of rows of each axis; tensors that are not here have none
    old: Object.fromEntries(
      origins.flatMap((one) => {
        const stretches = oldStretches(one);
        return stretches === undefined ? [] : [[one.name, stretches]];
      }),
    ),
  };
}

function freshRecord({ places, ...drawn }: FreshEntries): object {
  if (places === undefined) return drawn;
  const { layers, readPower, rule, units } = places;
  return {
    ...drawn,
    rule,
    layers,
    ...(units === undefined ? {} : { units: counts(units) }),
    ...(readPower === undefined ? {} : { read_power: readPower }),
  };
}

const counts = (lists: Readonly<Record<string, readonly number[]>>): object =>
  Object.fromEntries(Object.entries(lists).map(([name, { length }]) => [name, length]));

/** The spaces of a tensor whose rows grow before its maps. */
function rowsOf({ parameter }: Expression, { rows, target }: GrownContents["growth"]): object {
  const { axes = [] } = target.layout.parameters.find(({ name }) => name === parameter) ?? {};
  const spaces = axes.flatMap(axisSpaces);
  const grown = rows.filter(({ space }) => spaces.includes(space)).map(({ space }) => space);
  return grown.length === 0 ? {} : { rows: grown };
}

/** Provenance of a tensor: per term the maps of its axes (null where one does not change) and its row of depth. */
function provenance(expression: Expression): Readonly<Record<string, unknown>> {
  const terms = expression.terms.map(({ axes, depth, kinds }) => ({
    maps: axes.map((segments) => segments?.flatMap(({ map }) => map ?? []) ?? null),
    depth: depth ?? null,
    // also made of the other matrices of its layer
    ...(kinds === undefined ? {} : { kinds: kinds.tensor }),
  }));
  const [first] = terms;
  return { sources: expression.sources, ...(terms.length === 1 ? first : { terms }) };
}
