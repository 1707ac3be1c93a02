import { checkConfig, type Architecture, type Layout, type Parameter } from "@ligo/core";
import { axisSpaces } from "@ligo/core/layout";
import { interleavedRuns, interleavingOf } from "@ligo/core/operator";
import { configIssues } from "../config-issues.js";
import type { ArchitectureFixtures } from "../fixtures.js";
import { headerConfig, headerName, layOut, readRecorded } from "../models.js";
import { largestMagnitude, scientific } from "../numbers.js";
import { attempt, type Outcome, type Problem } from "../problem.js";
import { missingCheckpoints, missingHeaders } from "./missing-fixtures.js";
import { canonicalGradients } from "./parity.js";

/** A key's bias shifts all scores of a query alike, which softmax ignores; what is recorded there is rounding noise. */
const ZERO_GRADIENT = 1e-4;

/**
 * Check 11: a fused axis splits into its spaces in the order in which the original lays them out. All fused axes of a
 * layer that join the same spaces must list them alike; and where a key's bias is part of one, the recorded gradient of
 * that part, and of no other, is zero.
 */
export async function checkFusedAxes(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const problems: Problem[] = [];
  let applies = false;
  for (const recorded of fixtures.checkpoints) {
    const where = recorded.name;
    problems.push(
      ...(await attempt(where, "Make check 1 pass first.", async () => {
        const model = await readRecorded(architecture, recorded);
        if (!hasFusedAxis(model.layout)) return [];
        applies = true;
        return [
          ...orderProblems(where, model.layout),
          ...keyProblems(where, model.layout, canonicalGradients(model)),
        ];
      })),
    );
  }
  problems.push(...missingCheckpoints(fixtures));
  return applies || problems.length > 0
    ? { problems }
    : { notApplicable: "no parameter of this architecture has a fused axis" };
}

function hasFusedAxis({ parameters }: Layout): boolean {
  return parameters.some(({ axes }) => axes.some((axis) => axisSpaces(axis).length > 1));
}

function orderProblems(where: string, { parameters }: Layout): readonly Problem[] {
  const orders = new Map<string, { readonly order: string; readonly name: string }>();
  const problems: Problem[] = [];
  for (const { name, axes } of parameters) {
    for (const axis of axes) {
      const spaces = axisSpaces(axis);
      if (spaces.length === 1) continue;
      const order = spaces.join(", ");
      const key = spaces.toSorted().join(", ");
      const first = orders.get(key) ?? { order, name };
      orders.set(key, first);
      if (first.order === order) continue;
      problems.push({
        message: `${where}: "${name}" joins ${order}, "${first.name}" joins ${first.order}.`,
        advice:
          "List the spaces of a fused axis in the order in which they are stored, alike in weight and bias.",
      });
    }
  }
  return problems;
}

function keyProblems(
  where: string,
  layout: Layout,
  gradients: ReadonlyMap<string, ArrayLike<number>>,
): readonly Problem[] {
  const paired = new Set(
    Object.values(layout.spaces).flatMap(({ pairing }) => pairing?.with ?? []),
  );
  return layout.parameters.flatMap((parameter) => {
    const { name, axes } = parameter;
    const [axis] = axes;
    if (axes.length !== 1 || axis === undefined) return [];
    const spaces = axisSpaces(axis);
    const gradient = gradients.get(name.replaceAll("{i}", "0"));
    if (spaces.length === 1 || gradient === undefined || !spaces.some((space) => paired.has(space)))
      return [];
    const largest = partsOf(layout, parameter, Float32Array.from(gradient)).map(largestMagnitude);
    if (largest.length === 0) return [];
    const scale = Math.max(...largest);
    return spaces.flatMap((space, index) => {
      const isZero = (largest[index] ?? 0) <= ZERO_GRADIENT * scale;
      if (isZero === paired.has(space)) return [];
      return [
        {
          message: `${where}: part ${index} of "${name}" is called ${space}, but its recorded gradient is ${isZero ? "zero" : `${scientific(largest[index] ?? 0)}, not zero`}, as only a key's is.`,
          advice: "List the spaces of the fused axis in the order in which the original splits it.",
        },
      ];
    });
  });
}

/**
 * The numbers of a fused bias by space, without the channels of heads that rotary embeddings turn: their keys' bias shifts
 * the scores of two positions differently. None where all of them turn.
 */
function partsOf(
  layout: Layout,
  parameter: Parameter,
  numbers: Float32Array,
): readonly Float32Array[] {
  const [axis] = parameter.axes;
  const spaces = (axis === undefined ? [] : axisSpaces(axis)).flatMap(
    (name) => layout.spaces[name] ?? [],
  );
  const own = new Float32Array(numbers.length);
  const interleaving = interleavingOf(layout, parameter) ?? {
    blocks: 1,
    sizes: spaces.map(({ size }) => size),
  };
  for (const { count, own: to, stored } of interleavedRuns(interleaving))
    own.set(numbers.subarray(stored, stored + count), to);
  let begin = 0;
  const parts = spaces.map(({ factors = [], size }) => {
    const channel = factors.at(-1);
    const turned = 2 * (channel?.rotary?.[0]?.length ?? 0);
    const part = own
      .subarray(begin, begin + size)
      .filter((_, unit) => unit % (channel?.size ?? size) >= turned);
    begin += size;
    return part;
  });
  return parts.some(({ length }) => length > 0) ? parts : [];
}

/** Check 12: with fewer heads of keys and values than of queries, down to one, the spaces have the sizes of their heads. */
export async function checkGroupedQuery(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const [one] = fixtures.headers.cases;
  if (one === undefined) return { problems: missingHeaders(fixtures) };
  const raw = headerConfig(architecture, fixtures, one);
  const key = "num_key_value_heads";
  const config = configIssues(architecture, raw).length > 0 ? {} : checkConfig(architecture, raw);
  if (typeof config[key] !== "number") {
    return {
      notApplicable: `the config has no ${key}: keys and values have as many heads as queries`,
    };
  }
  const heads = config["num_attention_heads"] as number;
  const counts = [...new Set([heads, Math.max(1, heads / 2), 1])].filter(Number.isInteger);
  const found = counts.map((count) =>
    attempt(
      `${headerName(one)} with ${key} ${count}`,
      "Accept it in `config`, and lay it out.",
      () => {
        const { spaces } = layOut(architecture, { ...raw, [key]: count }, one.class).layout;
        const unit = (spaces["query"]?.size ?? 0) / heads;
        return (["key", "value"] as const).flatMap((space) =>
          spaces[space]?.size === count * unit && spaces[space]?.factors?.[0]?.size === count
            ? []
            : [
                {
                  message: `With ${count} of ${heads} heads the space "${space}" has size ${spaces[space]?.size}, expected ${count * unit}.`,
                  advice: `Make it the product of ${key} and the head size: groupedAttentionSpaces does.`,
                },
              ],
        );
      },
    ),
  );
  return { problems: (await Promise.all(found)).flat() };
}

/** Check 16: a layout is plain data that depends on the config's values alone: same config, same layout, to the byte. */
export async function checkStableLayout(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const found = fixtures.headers.cases.map((one) =>
    attempt(headerName(one), "Make check 1 pass first.", () => {
      const raw = headerConfig(architecture, fixtures, one);
      const { layout } = layOut(architecture, raw, one.class);
      const text = JSON.stringify(layout);
      const reversed = Object.fromEntries(Object.entries(raw).toReversed());
      const problems: Problem[] = [];
      if (JSON.stringify(layOut(architecture, raw, one.class).layout) !== text) {
        problems.push({
          message: `${headerName(one)}: asked twice, \`layout\` gives two different layouts.`,
          advice:
            "Make `layout` a pure function of config and class: no counters, no random numbers, no clock.",
        });
      } else if (JSON.stringify(layOut(architecture, reversed, one.class).layout) !== text) {
        problems.push({
          message: `${headerName(one)}: with the config's keys in another order the layout is another.`,
          advice: "Read config keys by name.",
        });
      }
      const odd = notPlain(layout, "layout");
      if (odd !== undefined) {
        problems.push({
          message: `${headerName(one)}: ${odd} is not plain data: JSON cannot hold it.`,
          advice:
            "Use strings, finite numbers, booleans, arrays and objects; leave out what is undefined.",
        });
      }
      return problems;
    }),
  );
  return { problems: [...missingHeaders(fixtures), ...(await Promise.all(found)).flat()] };
}

/** The first place that JSON would lose; `undefined` where there is none. */
function notPlain(value: unknown, path: string): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : path;
  if (typeof value !== "object") return path;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return path;
  for (const [key, inner] of Object.entries(value)) {
    const found = notPlain(inner, `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
