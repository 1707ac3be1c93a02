import { PlanError } from "../errors/plan-error.js";
import {
  axisSpaces,
  expandParameter,
  fillLayer,
  isOwned,
  parameterShape,
  presentLayers,
} from "../layout/layout-names.js";
import type { Layout, Parameter } from "../layout/layout.js";
import { nearestName } from "../nearest-name.js";
import { checkLayers, type LayerList } from "./layer-list.js";
import { plannedSpaces, type PlannedSpace } from "./planned-spaces.js";
import { factorPairs } from "./select-units.js";
import type { Plan, PlannedTensor, TiePolicy } from "./plan.js";

export interface PlanOptions {
  /**
   * `keep` (default): a parameter tied in the source must be tied in the target. `untie`: an untied target takes it
   * from the parameter it is tied to.
   */
  readonly ties?: TiePolicy;
  /** The source layer of every target layer, for a model of one stack. Default: the method decides. */
  readonly layers?: LayerList | undefined;
}

/**
 * Pairs every tensor of the target with the source tensors it is made of, by parameter name, and checks that the source
 * can be grown to the target at all.
 *
 * Throws a {@link PlanError}: `plan/architectures-differ`, `plan/stacks-differ`, `plan/fewer-layers`,
 * `plan/missing-source`, `plan/tied-source`, `plan/untied-source`, `plan/axes-differ`, `plan/smaller-target`,
 * `plan/fixed-size`, `plan/unit`, `plan/factors`, `plan/space-conflict`, `plan/layer-space`, `plan/layers`, `plan/layer-kinds`.
 */
export function createPlan(source: Layout, target: Layout, options: PlanOptions = {}): Plan {
  if (source.architecture !== target.architecture) {
    throw new PlanError(
      "plan/architectures-differ",
      `The source is a ${source.architecture} model, the target a ${target.architecture} model. ` +
        "Choose a target of the same architecture.",
      { expected: source.architecture, actual: target.architecture },
    );
  }
  checkStacks(source, target);
  const { layers } = options;
  if (layers !== undefined) checkLayers(source, target, layers);
  checkFactors(source, "source");
  checkFactors(target, "target");

  const used = new Set<string>();
  const tensors: PlannedTensor[] = [];
  for (const parameter of target.parameters) {
    if (parameter.tiedTo !== undefined) checkTiedInSource(source, parameter);
    if (!isOwned(parameter)) continue;
    const from = sourceParameter(source, target, parameter, options.ties ?? "keep");
    checkAxes(parameter, from);
    used.add(from.name);
    const planned = plannedTensors(source, target, parameter, from);
    for (const tensor of planned.slice(0, 1)) checkFixedAxes(tensor);
    tensors.push(...planned);
  }

  const dropped = source.parameters
    .filter((parameter) => isOwned(parameter) && !used.has(parameter.name))
    .map((parameter) => parameter.name);
  for (const space of plannedSpaces({ source, target, tensors }).values()) checkSpace(space);
  const plan = { architecture: target.architecture, source, target, tensors, dropped };
  return layers === undefined ? plan : { ...plan, layers };
}

function plannedTensors(
  source: Layout,
  target: Layout,
  parameter: Parameter,
  from: Parameter,
): readonly PlannedTensor[] {
  const sourceShape = parameterShape(source, from);
  const sources =
    from.stack === undefined
      ? [from.name]
      : presentLayers(source, from).map((layer) => fillLayer(from.name, layer));
  const tensors = expandParameter(target, parameter);
  if (sources.length === 0 && tensors.length > 0) throw noLayerHas(parameter, source);
  return tensors.map((tensor) => ({
    ...tensor,
    sourceParameter: from,
    sourceShape,
    sources,
  }));
}

function noLayerHas({ name }: Parameter, source: Layout): PlanError {
  return new PlanError(
    "plan/missing-source",
    `${source.className} has "${name}" in none of its layers, as they are too few. Grow a model with more layers.`,
    { tensor: name, expected: name, actual: "no layer has it" },
  );
}

/** The source parameter with numbers for a target parameter: by name, else by alias; ties and mirrors followed. */
function sourceParameter(
  source: Layout,
  target: Layout,
  parameter: Parameter,
  ties: TiePolicy,
): Parameter {
  const byName = (name: string): Parameter | undefined =>
    source.parameters.find((candidate) => candidate.name === name);
  let found =
    byName(parameter.name) ??
    parameter.aliases?.map(byName).find((candidate) => candidate !== undefined) ??
    source.parameters.find((candidate) => candidate.aliases?.includes(parameter.name));
  // A chain of ties is at most as long as the list of parameters, unless it runs in a circle.
  for (let hops = 0; found !== undefined && !isOwned(found); hops++) {
    if (hops > source.parameters.length) found = undefined;
    else if (found.mirrorOf !== undefined) found = byName(found.mirrorOf);
    else if (found.tiedTo !== undefined) {
      if (ties !== "untie") throw tiedSource(parameter, found.tiedTo);
      found = byName(found.tiedTo);
    }
  }
  if (found !== undefined) return found;
  const nearest = nearestName(
    parameter.name,
    source.parameters.map(({ name }) => name),
  );
  throw new PlanError(
    "plan/missing-source",
    `${target.className} needs "${parameter.name}", which ${source.className} does not have ` +
      `(nearest: "${nearest ?? "none"}"). Choose a target class whose parameters the source has.`,
    { tensor: parameter.name, expected: parameter.name, actual: nearest ?? "no parameters" },
  );
}

function tiedSource(parameter: Parameter, tiedTo: string): PlanError {
  return new PlanError(
    "plan/tied-source",
    `"${parameter.name}" has numbers of its own in the target, but is tied to "${tiedTo}" in the source. ` +
      'Tie it in the target config too, or set `ties: "untie"`.',
    { tensor: parameter.name, expected: `tied to ${tiedTo}`, actual: "untied" },
  );
}

function checkTiedInSource(source: Layout, parameter: Parameter): void {
  const same = source.parameters.find(({ name }) => name === parameter.name);
  if (same === undefined || !isOwned(same)) return;
  const twin = source.parameters.find(({ name }) => name === parameter.tiedTo);
  if (twin?.mirrorOf === parameter.name) return;
  throw new PlanError(
    "plan/untied-source",
    `"${parameter.name}" is tied to "${parameter.tiedTo}" in the target, but has numbers of its own in the source, ` +
      "which would be lost. Set tie_word_embeddings to false in the target config.",
    { tensor: parameter.name, expected: "untied", actual: `tied to ${parameter.tiedTo}` },
  );
}

function checkStacks(source: Layout, target: Layout): void {
  const names = (layout: Layout): string =>
    Object.entries(layout.stacks)
      .map(([name, stack]) => `${name} (${stack.norm}-norm)`)
      .toSorted()
      .join(", ");
  if (names(source) !== names(target)) {
    throw new PlanError(
      "plan/stacks-differ",
      `The source has the stacks ${names(source)}, the target ${names(target)}. Choose a target with the same stacks.`,
      { expected: names(source), actual: names(target) },
    );
  }
  for (const [name, { layers }] of Object.entries(source.stacks)) {
    const actual = target.stacks[name]?.layers ?? 0;
    if (actual >= layers) continue;
    throw new PlanError(
      "plan/fewer-layers",
      `Stack "${name}" has ${layers} layers in the source and ${actual} in the target. ` +
        `Give the target at least ${layers} layers.`,
      { expected: `at least ${layers} layers`, actual: `${actual} layers` },
    );
  }
}

function checkFactors(layout: Layout, side: "source" | "target"): void {
  const known = new Map<string, { readonly size: number; readonly space: string }>();
  for (const [name, { factors = [], size }] of Object.entries(layout.spaces)) {
    for (const factor of factors) {
      if (!Number.isInteger(factor.size) || factor.size < 1) throw noWholeHeads(side, name, layout);
      const other = known.get(factor.name) ?? { size: factor.size, space: name };
      known.set(factor.name, other);
      if (other.size === factor.size) continue;
      throw new PlanError(
        "plan/factors",
        `In the layout of the ${side}, "${factor.name}" has ${factor.size} units in the space "${name}" and ${other.size} in ` +
          `"${other.space}". Give a factor one size, or two names.`,
        { tensor: name, expected: String(other.size), actual: String(factor.size) },
      );
    }
    const product = factors.reduce((total, factor) => total * factor.size, 1);
    if (factors.length > 0 && product !== size) throw noWholeHeads(side, name, layout);
  }
}

function noWholeHeads(side: "source" | "target", name: string, { spaces }: Layout): PlanError {
  const { factors = [], size = 0 } = spaces[name] ?? {};
  const whole = factors.filter((factor) => Number.isInteger(factor.size));
  const divisor = whole.reduce((total, factor) => total * factor.size, 1);
  const text = factors.map((factor) => `${factor.name} ${factor.size}`).join(" x ");
  return new PlanError(
    "plan/unit",
    `The ${side} space "${name}" has size ${size}, which is not ${text} in whole numbers. ` +
      `Correct the size or the number of heads in the config of the ${side}.`,
    { tensor: name, expected: `a multiple of ${divisor}`, actual: String(size) },
  );
}

function checkAxes(parameter: Parameter, from: Parameter): void {
  const sameStack = (parameter.stack ?? null) === (from.stack ?? null);
  if (parameter.axes.length === from.axes.length && sameStack) return;
  const text = ({ axes, stack }: Parameter): string =>
    `${axes.length} axes in ${stack === undefined ? "no stack" : `stack ${stack}`}`;
  throw new PlanError(
    "plan/axes-differ",
    `"${parameter.name}" has ${text(from)} in the source and ${text(parameter)} in the target. ` +
      "Choose a target class that stores it in the same way.",
    { tensor: parameter.name, expected: text(from), actual: text(parameter) },
  );
}

function checkFixedAxes({ parameter, shape, sourceShape }: PlannedTensor): void {
  for (const [index, axis] of parameter.axes.entries()) {
    const [oldSize = 0, newSize = 0] = [sourceShape[index], shape[index]];
    if (axis.role !== "fixed" || oldSize === newSize) continue;
    throw fixedSize(axisSpaces(axis).join(" + "), oldSize, newSize);
  }
}

function fixedSize(name: string, oldSize: number, newSize: number): PlanError {
  return new PlanError(
    "plan/fixed-size",
    `"${name}" has size ${oldSize} in the source and ${newSize} in the target, but cannot grow. ` +
      "Set the same size in the target config.",
    { tensor: name, expected: String(oldSize), actual: String(newSize) },
  );
}

function checkSpace(planned: PlannedSpace): void {
  const { name, space, oldSize, newSize } = planned;
  if (!space.grows && newSize !== oldSize) {
    throw fixedSize(name, oldSize, newSize);
  }
  if (newSize < oldSize && !hasFewerHeads(planned)) {
    throw new PlanError(
      "plan/smaller-target",
      `Space "${name}" shrinks from ${oldSize} to ${newSize}. Give the target at least the size of the source.`,
      { tensor: name, expected: `at least ${oldSize}`, actual: String(newSize) },
    );
  }
}

/** Whether a space is smaller for having fewer heads of no fewer channels: these are merged. */
function hasFewerHeads(space: PlannedSpace): boolean {
  const pairs = factorPairs(space);
  const inner = pairs.at(-1);
  return pairs.length > 1 && inner !== undefined && inner.now.size >= inner.old.size;
}
