import {
  branchScaleOf,
  elementSpaces,
  hasRmsNorms,
  isBranchScale,
  isNormGain,
} from "../layout/norms.js";
import { initialTensor } from "../layout/initial-tensor.js";
import { axisSpaces, presentLayers } from "../layout/layout-names.js";
import type { Parameter, Role } from "../layout/layout.js";
import { plannedSpaces, type PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan, PlannedTensor } from "../plan/plan.js";
import { createRandom } from "../random.js";
import { elementCount } from "../shape.js";
import { readFactor, sizeFactor } from "./expressions.js";
import { gainScale, unitPlaces, type UnitPlace } from "./new-units.js";
import type { FreshEntries, FreshPlaces, FreshRule, Operator } from "./operator.js";
import { addScaledMean } from "./scaled-mean.js";
import { createOwnNumbers, type OwnNumbers, type ReadTensor } from "./own-numbers.js";

/** A plan, its spaces, and what starts afresh at which places. */
export interface FreshGrowth {
  readonly plan: Pick<Plan, "source" | "target" | "tensors">;
  readonly spaces: ReadonlyMap<string, PlannedSpace>;
  readonly fresh: FreshEntries & { readonly places: FreshPlaces };
}

/** The part of grown tensors that starts afresh, and is added to what terms make. */
export interface FreshPart {
  /** Whether a tensor has any. */
  has(tensor: PlannedTensor): boolean;
  /** Adds it to the numbers of a tensor, row-major, rows in the order of the maps. */
  addTo(data: Float32Array, tensor: PlannedTensor): Promise<void>;
}

/** Places of a tensor's units, axis by axis, and the source tensors that it is made of: none for a layer made of none. */
interface FreshTensor {
  readonly tensor: PlannedTensor;
  readonly axes: readonly (readonly UnitPlace[])[];
  readonly made: readonly string[];
}

/** @param read reads the source; each tensor is asked for once */
export function createFreshPart(growth: FreshGrowth, read: ReadTensor): FreshPart {
  const { fresh, plan, spaces } = growth;
  const places = unitPlaces(plan, spaces);
  const own = createOwnNumbers(read);
  const placed = (tensor: PlannedTensor): FreshTensor => ({
    tensor,
    axes: tensor.shape.map((_, axis) => places.axis(tensor, axis)),
    made: madeOf(growth, tensor),
  });
  return {
    has(tensor) {
      const one = placed(tensor);
      return hasStart(growth, one) || shareScale(growth, one) !== undefined;
    },
    async addTo(data, tensor) {
      const one = placed(tensor);
      if (hasStart(growth, one)) {
        const { made } = one;
        const names = made.length > 0 ? made : tensor.sources;
        const start = await startOf(growth, tensor, () =>
          own(names, elementCount(tensor.sourceShape)),
        );
        eachFresh(fresh.places.rule, one, (index) => {
          data[index] = (data[index] as number) + (start[index] as number);
        });
      }
      const scale = shareScale(growth, one);
      if (scale !== undefined) {
        const isNew = outPlaces(one).map((place) => place === "stream");
        const source = one.made[0] ?? "";
        await addScaledMean(data, { isNew, read, scale, source, spaces, tensor }, plan);
      }
    },
  };
}

/** The names of the tensors that have a part which starts afresh by its place. */
export function freshNames(plan: Plan, { fresh }: Pick<Operator, "fresh">): ReadonlySet<string> {
  if (fresh?.places === undefined) return new Set();
  const { places } = fresh;
  const growth = { plan, spaces: plannedSpaces(plan), fresh: { ...fresh, places } };
  const part = createFreshPart(growth, () => Promise.reject(new Error("Nothing is read.")));
  return new Set(plan.tensors.filter((tensor) => part.has(tensor)).map(({ name }) => name));
}

/** The source tensor that a target tensor is made of, of those of all layers. */
function madeOf(
  { fresh, plan }: FreshGrowth,
  { layer, parameter, sourceParameter = parameter, sources }: PlannedTensor,
): readonly string[] {
  if (layer === undefined) return sources;
  const from = fresh.places.layers[parameter.stack ?? ""]?.[layer] ?? undefined;
  if (from === undefined) return [];
  const present = presentLayers(plan.source, sourceParameter).findIndex((one) => one >= from);
  return [sources.at(present) ?? ""];
}

/** Whether a tensor has fresh entries, and ones that are not zero. */
function hasStart(growth: FreshGrowth, one: FreshTensor): boolean {
  const { initial } = one.tensor.parameter;
  const isOwn = ownsStart(growth, one.tensor);
  if (initial === "zeros" && !isOwn && one.tensor.parameter.offset === undefined) return false;
  let found = false;
  eachFresh(growth.fresh.places.rule, one, () => (found = true));
  return found;
}

/** Whether a gain or a scale starts where the source's stand. */
function ownsStart({ fresh, plan }: FreshGrowth, { parameter }: PlannedTensor): boolean {
  const isOwn = fresh.relative === true || fresh.places.rule === "lossless";
  return isOwn && (isNormGain(parameter) || isBranchScale(plan.target, parameter));
}

/** The start of all entries of a tensor: what is added to nothing. */
async function startOf(
  growth: FreshGrowth,
  tensor: PlannedTensor,
  ownOf: () => Promise<OwnNumbers>,
): Promise<Float32Array> {
  const { fresh, plan, spaces } = growth;
  const { name, parameter, shape } = tensor;
  const { offset = 0 } = parameter;
  const factor = sizeFactor(tensor, plan);
  if (ownsStart(growth, tensor)) {
    const own = await ownOf();
    const space = spaces.get(elementSpaces(parameter)[0] ?? "");
    const isScaled = fresh.places.rule === "lossless" && isNormGain(parameter);
    const scale = space && isScaled ? gainScale(plan.target, parameter, space) : 1;
    const value = isNormGain(parameter) ? own.mean + offset : own.rootMeanSquare;
    return new Float32Array(elementCount(shape)).fill(factor * scale * value);
  }
  const isRelative = fresh.relative === true && parameter.initial === "normal";
  const unit = isRelative ? factor * (await ownOf()).deviation : 1;
  const deviation = fresh.deviation * unit * readFactor(tensor, fresh.places.readPower);
  const random = createRandom(fresh.seed).fork(name);
  const start = initialTensor(parameter, elementCount(shape), deviation, random);
  return offset === 0 ? start : start.map((value) => value + offset);
}

/** Calls back with the index of every fresh entry, row-major. */
function eachFresh(
  rule: FreshRule,
  { axes, made, tensor }: FreshTensor,
  add: (index: number) => void,
): void {
  const { parameter, shape } = tensor;
  if (made.length === 0 || (rule === "everywhere" && parameter.initial === "normal")) {
    for (let index = 0; index < elementCount(shape); index++) add(index);
    return;
  }
  const roles = parameter.axes.map(({ role }) => role);
  const walk = (axis: number, start: number, size: number, at: EntryPlace): void => {
    const own = axes[axis];
    if (own === undefined) {
      if (isFresh(rule, at)) add(start);
      return;
    }
    const stride = size / own.length;
    for (const [index, place] of own.entries())
      walk(axis + 1, start + index * stride, stride, { ...at, [sideOf(roles[axis])]: place });
  };
  const kinds = axes.map((own) => [...new Set(own)]);
  const combinations = kinds.reduce<readonly EntryPlace[]>(
    (all, own, axis) =>
      all.flatMap((at) => own.map((place) => ({ ...at, [sideOf(roles[axis])]: place }))),
    [NOWHERE],
  );
  if (combinations.some((at) => isFresh(rule, at))) walk(0, 0, elementCount(shape), NOWHERE);
}

/** The units that an entry writes, reads, or scales. */
type EntryPlace = Readonly<Record<Role, UnitPlace>>;

const NOWHERE: EntryPlace = { out: "old", in: "old", elem: "old", fixed: "old" };

const sideOf = (role: Role | undefined): Role => role ?? "fixed";

/** Whether an entry starts afresh. */
function isFresh(rule: FreshRule, { elem, in: read, out }: EntryPlace): boolean {
  if (out === "old" && read === "old") return elem !== "old";
  if (rule !== "lossless") return true;
  if (out === "stream" || out === "key") return false;
  return read !== "inner" || out === "inner";
}

/**
 * The parameter that scales, channel by channel, what a tensor writes to the mean of a stream: then new channels do not hold the
 * mean by the mean of what writes the old ones.
 */
function shareScale({ fresh, plan }: FreshGrowth, one: FreshTensor): Parameter | undefined {
  const { layer, parameter } = one.tensor;
  if (fresh.places.rule !== "lossless" || one.made.length === 0) return undefined;
  const space = parameter.axes.flatMap((axis) => (axis.role === "out" ? axisSpaces(axis) : []))[0];
  if (!outPlaces(one).includes("stream") || space === undefined) return undefined;
  const layers = fresh.places.layers[parameter.stack ?? ""] ?? [];
  // further layers that are made of the same one write nothing
  if (layer !== undefined && layers.indexOf(layers[layer] ?? null) !== layer) return undefined;
  return hasRmsNorms(plan.target, space) ? undefined : branchScaleOf(plan.target, parameter);
}

/** The places of what a tensor writes; none where it writes nothing. */
function outPlaces({ axes, tensor }: FreshTensor): readonly UnitPlace[] {
  return axes[tensor.parameter.axes.findIndex(({ role }) => role === "out")] ?? [];
}
