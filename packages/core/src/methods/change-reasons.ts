import { axisSpaces } from "../layout/layout-names.js";
import type { Layout, Space } from "../layout/layout.js";
import { branchWriters, elementSpaces, isBranchScale, normsBySpace } from "../layout/norms.js";
import { learnableTensors, type OperatorPart } from "../operator/learnable.js";
import { operatorForm } from "../operator/operator-tensors.js";
import { plannedSpaces, type PlannedSpace } from "../plan/planned-spaces.js";
import { firstPlaces, layersText } from "../plan/layer-list.js";
import type { Plan } from "../plan/plan.js";
import { factorPairs, keptUnits, selectUnits } from "../plan/select-units.js";
import { cyclicPick } from "../plan/unit-picks.js";
import { factorChanges, layerKinds } from "./head-changes.js";

/** A stack with more layers in the target. */
interface Deepened {
  readonly name: string;
  readonly norm: "pre" | "post";
  /** `encoder: 6 layers become 12`. */
  readonly text: string;
}

function deepened({ layers: list, source, target }: Plan): readonly Deepened[] {
  return Object.entries(source.stacks).flatMap(([name, { layers, norm }]) => {
    const now = target.stacks[name]?.layers ?? layers;
    const text = becomeLayers(name, layers, now);
    if (list === undefined) return now > layers ? [{ name, norm, text }] : [];
    const repeats = new Set(list).size < list.length;
    return repeats ? [{ name, norm, text: `${text} (${layersText(list)})` }] : [];
  });
}

/** Depth: layers that a list leaves out, or whose order it changes. */
export function listedLayers({ layers: list, source }: Plan): readonly string[] {
  if (list === undefined) return [];
  const places = firstPlaces(list);
  return Object.entries(source.stacks).flatMap(([name, { layers }]) => {
    const old = Array.from({ length: layers }, (_, layer) => layer);
    const lost = old.filter((layer) => !places.has(layer));
    const kept = old.flatMap((layer) => places.get(layer) ?? []);
    const moved = kept.some((place, index) => place < (kept[index - 1] ?? 0));
    return [
      ...(lost.length > 0 ? [`${name}: the list of layers leaves out ${layersText(lost)}`] : []),
      ...(moved ? [`${name}: layers come in another order (${layersText(list)})`] : []),
    ];
  });
}

const becomeLayers = (name: string, before: number, now: number): string =>
  `${name}: ${before} layers become ${now}`;

/** The spaces that grow. */
export function widened(plan: Plan): readonly PlannedSpace[] {
  return [...plannedSpaces(plan).values()].filter(
    ({ newSize, oldSize, space }) => space.grows && newSize !== oldSize,
  );
}

/** The spaces that have units which are no old ones. */
export function withNewUnits(plan: Plan): readonly PlannedSpace[] {
  return widened(plan).filter((space) => keptUnits(space).some((units) => units.length === 0));
}

const becomes = ({ name, newSize, oldSize }: PlannedSpace): string =>
  `${name}: ${oldSize} becomes ${newSize}`;

/** Width: noise on what new units hold. */
export function noisyUnits(plan: Plan, noise: number): readonly string[] {
  if (noise === 0) return [];
  return withNewUnits(plan).map(
    (space) =>
      `${becomes(space)}, and noise of ${noise} of each tensor's own deviation is added to what its new units hold`,
  );
}

/** Depth: copies of layers are computed beside the layers they copy. */
export function copiedLayers(plan: Plan): readonly string[] {
  const why = "copies compute again what the layers they copy compute";
  return [...listedLayers(plan), ...deeperStacks(plan, why)];
}

/** Depth: stacks with more layers, and why that changes the function. */
export function deeperStacks(plan: Plan, why: string): readonly string[] {
  return deepened(plan).map(({ text }) => `${text}, and ${why}`);
}

/** Depth: layers that write zeros are no identities where norms stand after the sums. */
export function zeroLayers(plan: Plan): readonly string[] {
  const after = deepened(plan).filter(({ norm }) => norm === "post");
  return [...listedLayers(plan), ...after.map(postNorm)];
}

const postNorm = ({ text }: Pick<Deepened, "text">): string =>
  `${text}, and its norms stand after the sums, where no inserted layer is an identity`;

/** Depth: layers that start from scratch, unless a scale of zero keeps them from writing anything; those of a list are copies. */
export function freshLayers(plan: Plan): readonly string[] {
  if (plan.layers !== undefined) return copiedLayers(plan);
  return deepened(plan)
    .filter(({ name, norm }) => norm === "post" || !isScaledToZero(plan.target, name))
    .map((stack) =>
      stack.norm === "post"
        ? postNorm(stack)
        : `${stack.text}, and inserted ones start from scratch`,
    );
}

/** Whether every branch of a stack's layers is scaled per channel, by zero at the start. */
function isScaledToZero(layout: Layout, stack: string): boolean {
  const own = layout.parameters.filter((parameter) => parameter.stack === stack);
  const branches = branchWriters(layout, stack);
  const scales = own.filter(
    (parameter) => parameter.initial === "zeros" && isBranchScale(layout, parameter),
  );
  return branches.length > 0 && scales.length >= branches.length;
}

/** Width: units copied in turn are copied equally often only to a multiple. */
export function unevenCopies(plan: Plan): readonly string[] {
  return normed(plan)
    .filter((space) => !isMultiple(space))
    .map(noMultiple);
}

/** Width: units copied at random are not copied equally often. */
export function randomCopies(plan: Plan): readonly string[] {
  return normed(plan).map(
    (space) =>
      `${becomes(space)}, with copies of random units: they have not the same number of copies, and its norms count each copy`,
  );
}

/** Width: what reads a space is rescaled alike, whatever the number of copies of a unit. */
export function unevenReads(plan: Plan): readonly string[] {
  return [...plannedSpaces(plan).values()]
    .filter((space) => space.space.grows && space.isRead && !losesChannels(space))
    .filter((space) => new Set(selectUnits(space, cyclicPick).copies).size > 1)
    .map(
      (space) =>
        `${becomes(space)}, and its units cannot all have the same number of copies, which what reads them weighs alike`,
    );
}

/** Whether heads have fewer channels, which no copies can be made of. */
function losesChannels(space: PlannedSpace): boolean {
  const pairs = factorPairs(space);
  const inner = pairs.at(-1);
  return pairs.length > 1 && inner !== undefined && inner.now.size < inner.old.size;
}

/** The spaces that grow and have a norm over them. A norm reads a space too, but cannot weigh copies. */
function normed(plan: Plan): readonly PlannedSpace[] {
  const norms = normsBySpace(plan.target);
  return widened(plan).filter(({ name }) => norms.has(name));
}

const noMultiple = (space: Pick<PlannedSpace, "name" | "newSize" | "oldSize">): string =>
  `${space.name}: ${space.oldSize} becomes ${space.newSize}, no multiple: its units cannot all have the same number of copies, and its norms count each copy`;

function isMultiple(space: PlannedSpace): boolean {
  return factorPairs(space).every(({ now, old }) => now.size % old.size === 0);
}

/** Width: a tied readout reads what it writes; the division by copies has to happen in a norm before it. */
export function tiedReadouts(plan: Plan): readonly string[] {
  const { parameters } = plan.target;
  const folded = new Set(
    parameters.filter(({ readout }) => readout === true).flatMap(elementSpaces),
  );
  const grown = new Set(widened(plan).map(({ name }) => name));
  return parameters.flatMap(({ axes, name, tiedTo }) =>
    tiedTo === undefined
      ? []
      : axes
          .flatMap((axis) => (axis.role === "in" ? axisSpaces(axis) : []))
          .filter((space) => grown.has(space) && !folded.has(space))
          .map(
            (space) =>
              `${name} is tied to ${tiedTo}: it reads ${space} with the map that writes it, and no norm before it divides by the copies`,
          ),
  );
}

/** Learning: maps and weights that are learned end at dense mixtures. */
export function learnedParts(plan: Plan, learns: OperatorPart): readonly string[] {
  const learnables = learnableTensors(plan, operatorForm("model"), { learn: learns });
  const isLearned = (part: RegExp): boolean =>
    [...learnables].some(([name, { frozenRows, rows }]) => part.test(name) && frozenRows < rows);
  return [
    ...(isLearned(/^width\./u)
      ? ["its width maps are learned: dense maps mix the units, and keep no function exactly"]
      : []),
    ...(isLearned(/^depth\./u)
      ? ["its depth weights are learned: mixtures of layers are not the layers they are mixed from"]
      : []),
  ];
}

/**
 * The ways in which one layout differs from another that speak against one function in both, whatever the method: layers
 * that are added, heads that grow, sizes that are no multiples under a norm.
 */
export function layoutChanges(before: Layout, after: Layout): readonly string[] {
  return [
    ...depthChanges(before, after),
    ...widthChanges(before, after),
    ...factorChanges(before, after),
    ...layerKinds(before, after),
  ];
}

/** Channels of a head, where a space is made of heads. */
const headSize = ({ factors = [] }: Pick<Space, "factors">): number | undefined =>
  factors.length > 1 ? factors.at(-1)?.size : undefined;

function depthChanges(before: Layout, after: Layout): readonly string[] {
  return Object.entries(before.stacks).flatMap(([name, { layers, norm }]) => {
    const now = after.stacks[name]?.layers ?? layers;
    if (now === layers) return [];
    const text = becomeLayers(name, layers, now);
    if (now < layers) return [text];
    return norm === "post"
      ? postNorm({ text })
      : `${text}, and inserted layers are identities only where they write zeros`;
  });
}

function widthChanges(before: Layout, after: Layout): readonly string[] {
  const norms = normsBySpace(before);
  return Object.entries(before.spaces).flatMap(([name, space]) => {
    const { size, grows } = space;
    const now = after.spaces[name];
    if (!grows || now === undefined) return [];
    const [unit, unitNow] = [headSize(space), headSize(now)];
    if (unit !== undefined && unitNow !== undefined && unit !== unitNow) {
      return [
        `${name}: heads grow from ${unit} to ${unitNow}, and attention scores are scaled by that: maps have to make up for it`,
      ];
    }
    if (now.size % size === 0 || !norms.has(name)) return [];
    return [noMultiple({ name, oldSize: size, newSize: now.size })];
  });
}
