import {
  branchScaleOf,
  elementSpaces,
  hasRmsNorms,
  isBranchScale,
  isNormGain,
} from "../layout/norms.js";
import { axisSpaces, presentLayers, roleSpaces } from "../layout/layout-names.js";
import type { Parameter, Role } from "../layout/layout.js";
import { plannedSpaces, type PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan, PlannedTensor } from "../plan/plan.js";
import { createRandom } from "../random.js";
import { elementCount } from "../shape.js";
import { readFactor, sizeFactor } from "./expressions.js";
import { addGivenUnits, givenName, unitColumns, type GivenUnits } from "./given-units.js";
import { gainScale, unitPlaces, type UnitPlace } from "./new-units.js";
import type { FreshEntries, FreshPlaces, FreshRule, Operator } from "./operator.js";
import { addScaledMean } from "./scaled-mean.js";
import { createOwnNumbers, type OwnNumbers, type ReadTensor } from "./own-numbers.js";

/** A plan, its spaces, and what starts afresh at which places. */
export interface FreshGrowth {
  readonly plan: Pick<Plan, "source" | "target" | "tensors">;
  readonly spaces: ReadonlyMap<string, PlannedSpace>;
  readonly fresh: FreshEntries & { readonly places: FreshPlaces };
  /** Units whose numbers the operator holds. */
  readonly given: GivenUnits;
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
  readonly axes: readonly (readonly EntryUnit[])[];
  readonly made: readonly string[];
}

/** @param read reads the source; each tensor is asked for once */
export function createFreshPart(growth: FreshGrowth, read: ReadTensor): FreshPart {
  const { fresh, given, plan, spaces } = growth;
  const places = unitPlaces(plan, spaces, fresh.places.units);
  const units = givenUnitsByLayer(growth);
  const own = createOwnNumbers(read);
  const placed = (tensor: PlannedTensor): FreshTensor => ({
    tensor,
    axes: tensor.shape.map((_, axis) => withGiven(places.axis(tensor, axis), units(tensor, axis))),
    made: madeOf(growth, tensor),
  });
  const isGiven = ({ name }: PlannedTensor): boolean => given.shapes.has(givenName(name));
  return {
    has(tensor) {
      const one = placed(tensor);
      return hasStart(growth, one) || isGiven(tensor) || shareScale(growth, one) !== undefined;
    },
    async addTo(data, tensor) {
      const one = placed(tensor);
      if (hasStart(growth, one)) {
        const { made } = one;
        const names = made.length > 0 ? made : tensor.sources;
        const starts = await startsOf(growth, tensor, () =>
          own(names, elementCount(tensor.sourceShape)),
        );
        const { rule } = fresh.places;
        // a direct copy draws the same numbers as where its places are not told: one for every entry
        const pass = rule === "new" ? starts.next : () => undefined;
        const add = (index: number): void => {
          data[index] = (data[index] as number) + starts.next();
        };
        eachFresh(rule, one, add, pass);
      }
      const scale = shareScale(growth, one);
      if (scale !== undefined) {
        const isNew = outPlaces(one).map((place) => place === "stream");
        const source = one.made[0] ?? "";
        await addScaledMean(data, { isNew, read, scale, source, spaces, tensor }, plan);
      }
      const columns = isGiven(tensor) ? unitColumns(tensor, spaces) : undefined;
      if (columns !== undefined) await addGivenUnits(data, tensor, columns, given);
    },
  };
}

/** The names of the tensors that have a part which starts afresh by its place. */
export function freshNames(
  plan: Plan,
  { fresh, tensors }: Pick<Operator, "fresh" | "tensors">,
): ReadonlySet<string> {
  if (fresh?.places === undefined) return new Set();
  const { places } = fresh;
  const given: GivenUnits = { shapes: tensors, map: async () => undefined };
  const growth = { plan, spaces: plannedSpaces(plan), fresh: { ...fresh, places }, given };
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
  const { initial, offset } = one.tensor.parameter;
  if (initial === "zeros" && !ownsStart(growth, one.tensor) && offset === undefined) return false;
  return hasFresh(growth.fresh.places.rule, one);
}

/** Whether a gain or a scale starts where the source's stand. */
function ownsStart({ fresh, plan }: FreshGrowth, { parameter }: PlannedTensor): boolean {
  const isOwn = fresh.relative === true || fresh.places.rule === "lossless";
  return isOwn && (isNormGain(parameter) || isBranchScale(plan.target, parameter));
}

/** The starts of a tensor's fresh entries, one after the other: what is added to nothing. */
async function startsOf(
  growth: FreshGrowth,
  tensor: PlannedTensor,
  ownOf: () => Promise<OwnNumbers>,
): Promise<Starts> {
  const { fresh, plan, spaces } = growth;
  const { name, parameter } = tensor;
  const { initial, offset = 0 } = parameter;
  const factor = sizeFactor(tensor, plan);
  if (ownsStart(growth, tensor)) {
    const own = await ownOf();
    const space = spaces.get(elementSpaces(parameter)[0] ?? "");
    const isScaled = fresh.places.rule === "lossless" && isNormGain(parameter);
    const scale = space && isScaled ? gainScale(plan.target, parameter, space) : 1;
    const value = factor * scale * (isNormGain(parameter) ? own.mean + offset : own.rootMeanSquare);
    return { next: () => value };
  }
  if (initial !== "normal") {
    const value = offset + (initial === "ones" ? 1 : 0);
    return { next: () => value };
  }
  const unit = fresh.relative === true ? factor * (await ownOf()).deviation : 1;
  const deviation = fresh.deviation * unit * readFactor(tensor, fresh.places.readPower);
  const random = createRandom(fresh.seed).fork(name);
  return { next: () => offset + deviation * random.normal() };
}

interface Starts {
  readonly next: () => number;
}

/** The place of a unit; `given` is a new one that reads by zeros, as what it writes is given. */
type EntryUnit = UnitPlace | "given";

/** The number of given units among those that an axis of a tensor writes. */
function givenUnitsByLayer({
  given,
  plan,
  spaces,
}: FreshGrowth): (tensor: PlannedTensor, axis: number) => number {
  const counts = new Map<string, number>();
  const key = (space: string, layer: number | undefined): string => `${space} ${layer}`;
  for (const tensor of plan.tensors) {
    const rows = given.shapes.get(givenName(tensor.name))?.rows;
    const columns = rows === undefined ? undefined : unitColumns(tensor, spaces);
    if (columns !== undefined) counts.set(key(columns.space, tensor.layer), rows ?? 0);
  }
  return ({ layer, parameter: { axes } }, axis) => {
    const written = axes[axis]?.role === "out" ? axisSpaces(axes[axis]) : [];
    return counts.get(key(written[0] ?? "", layer)) ?? 0;
  };
}

/** Places of an axis whose first new units are given. */
function withGiven(places: readonly UnitPlace[], count: number): readonly EntryUnit[] {
  let left = count;
  return count === 0
    ? places
    : places.map((place) => (place === "inner" && left-- > 0 ? "given" : place));
}

/** The parts of an entry's place that are put together to one number: three bits for the unit that it writes, reads and scales. */
const SHIFTS: Readonly<Record<Role, number>> = { out: 6, in: 3, elem: 0, fixed: 0 };
const PLACES: readonly EntryUnit[] = ["old", "stream", "key", "inner", "given"];

/** Whether an entry starts afresh, by its place. */
function freshTable(rule: FreshRule): readonly boolean[] {
  return Array.from({ length: 512 }, (_, code) => {
    const at = (role: Role): EntryUnit => PLACES[(code >> SHIFTS[role]) & 7] ?? "old";
    return isFresh(rule, { out: at("out"), read: at("in"), elem: at("elem") });
  });
}

interface EntryPlace {
  readonly out: EntryUnit;
  readonly read: EntryUnit;
  readonly elem: EntryUnit;
}

function isFresh(rule: FreshRule, { elem, out, read }: EntryPlace): boolean {
  if (out === "old" && read === "old") return elem !== "old";
  if (rule !== "lossless") return true;
  if (out === "stream" || out === "key" || out === "given") return false;
  return read !== "inner" || out === "inner";
}

/** Along every axis the parts that its units have in the places of entries. */
function placeCodes({ axes, tensor }: FreshTensor): readonly Uint16Array[] {
  return axes.map((places, axis) => {
    const role = tensor.parameter.axes[axis]?.role ?? "fixed";
    return Uint16Array.from(places, (place) =>
      role === "fixed" ? 0 : PLACES.indexOf(place) << SHIFTS[role],
    );
  });
}

/** Whether all entries of a tensor start afresh, or have numbers added to them. */
function isFreshThroughout(rule: FreshRule, { made, tensor }: FreshTensor): boolean {
  return made.length === 0 || (rule === "everywhere" && tensor.parameter.initial === "normal");
}

/** Whether a tensor has any fresh entry. */
function hasFresh(rule: FreshRule, one: FreshTensor): boolean {
  if (isFreshThroughout(rule, one)) return true;
  const table = freshTable(rule);
  const codes = placeCodes(one).reduce<readonly number[]>(
    (all, axis) => all.flatMap((code) => [...new Set(axis)].map((own) => code | own)),
    [0],
  );
  return codes.some((code) => table[code]);
}

/** Calls back with the index of every fresh entry, row-major, and for every other one. */
function eachFresh(
  rule: FreshRule,
  one: FreshTensor,
  add: (index: number) => void,
  pass: () => void,
): void {
  const size = elementCount(one.tensor.shape);
  if (isFreshThroughout(rule, one)) {
    for (let index = 0; index < size; index++) add(index);
    return;
  }
  const table = freshTable(rule);
  const axes = placeCodes(one);
  const last = axes.length - 1;
  const walk = (axis: number, start: number, count: number, code: number): void => {
    const own = axes[axis] as Uint16Array;
    const stride = count / own.length;
    for (let index = 0; index < own.length; index++) {
      const at = code | (own[index] as number);
      if (axis < last) walk(axis + 1, start + index * stride, stride, at);
      else if (table[at] === true) add(start + index);
      else pass();
    }
  };
  walk(0, 0, size, 0);
}

/**
 * The parameter that scales, channel by channel, what a tensor writes to the mean of a stream: then new channels do not hold the
 * mean by the mean of what writes the old ones.
 */
function shareScale({ fresh, plan }: FreshGrowth, one: FreshTensor): Parameter | undefined {
  const { layer, parameter } = one.tensor;
  if (fresh.places.rule !== "lossless" || one.made.length === 0) return undefined;
  const [space] = roleSpaces(parameter, "out");
  if (!outPlaces(one).includes("stream") || space === undefined) return undefined;
  const layers = fresh.places.layers[parameter.stack ?? ""] ?? [];
  // further layers that are made of the same one write nothing
  if (layer !== undefined && layers.indexOf(layers[layer] ?? null) !== layer) return undefined;
  return hasRmsNorms(plan.target, space) ? undefined : branchScaleOf(plan.target, parameter);
}

/** The places of what a tensor writes; none where it writes nothing. */
function outPlaces({ axes, tensor }: FreshTensor): readonly EntryUnit[] {
  return axes[tensor.parameter.axes.findIndex(({ role }) => role === "out")] ?? [];
}
