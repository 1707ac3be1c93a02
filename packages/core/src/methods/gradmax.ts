import { MethodError } from "../errors/method-error.js";
import { fillLayer, roleSpaces } from "../layout/layout-names.js";
import { givenName } from "../operator/given-units.js";
import { findNotFinite } from "../operator/not-finite.js";
import { mapName } from "../operator/operator-tensors.js";
import type { Matrix, Operator } from "../operator/operator.js";
import { plannedSpaces } from "../plan/planned-spaces.js";
import type { Plan, PlannedTensor } from "../plan/plan.js";
import { keptUnits } from "../plan/select-units.js";
import type { OldUnits } from "../plan/unit-picks.js";
import type { ReadSource } from "../stream/read-source.js";
import { growingMlps, probedLayers, withProbingUnits, type ProbedLayer } from "./inner-units.js";
import { losslessFresh, losslessFreshOperator } from "./lossless-fresh.js";
import { defineMethod, type DataProbe, type Measured, type Method } from "./method.js";
import { noise, unitLength } from "./options.js";

/** Options of `gradmax`, as settings name them. */
export interface GradmaxSettings {
  readonly noise?: number | undefined;
  readonly unitLength?: number | undefined;
}

/**
 * GradMax (Evci et al., 2022) for the units of MLPs; all else that is new as in `lossless-fresh`, layers that are added too.
 *
 * New units read by zeros, so that they are 0 and the function is kept, and write by U. Then the gradient of what they read by is
 * s U^T G, with G = dL/dy x^T of a batch, x and y what the MLP reads and writes, and s the slope of the activation at 0. Its norm is
 * largest, among vectors of one length c that are orthogonal, where U are the left singular vectors of G to the largest singular
 * values: s c sqrt(sum of their squares). With zeros on the other side the function is kept too, but the gradient goes through the
 * activation, and its largest has no closed form. c is the mean length of what old units write, as in the released code, times
 * `unitLength`.
 *
 * A layer has as many such vectors as G has rank, at most one for each channel: further units start as in `lossless-fresh`, since
 * units with the same U would stay the same. G is that of the source, whatever else grows.
 *
 * Not verified: the paper itself was not read, but its abstract and its released code, which takes G of one batch and leaves the
 * biases of new units at 0, out of what is maximised, as is done here.
 */
export const gradmax: Method<GradmaxSettings, "gradmax"> = defineMethod({
  name: "gradmax",
  says: "New units of MLPs have the largest gradient that a batch of data allows; all else is as in `lossless-fresh`.",
  source: "GradMax, Evci et al., 2022, arXiv:2201.05125",
  options: { noise, unitLength },
  learns: false,
  asksData: true,
  keepsFunction: (plan, architecture, options) =>
    losslessFresh.keepsFunction(plan, architecture, { noise: options?.noise }),
  measure,
  operator(plan, { measured, options, random }) {
    const operator = losslessFreshOperator(plan, random, { noise: options.noise });
    const given = givenUnits(plan, operator, measured, options.unitLength ?? 1);
    return { ...operator, tensors: new Map([...operator.tensors, ...given]) };
  },
});

/** Name of what scales the channels that a tensor writes, among the numbers that are measured. */
const scaleName = (tensor: string): string => `scale.${tensor}`;

/** What new units write, at the length of old ones, by the name of the source's tensor that reads them; and what scales it. */
async function measure(plan: Plan, read: ReadSource, probe?: DataProbe): Promise<Measured> {
  const mlps = growingMlps(plan);
  const measured = new Map<string, Matrix>();
  if (mlps.length === 0 || probe === undefined) return measured;
  const model = await withProbingUnits(plan, mlps, read);
  const gradients = await probe.gradients(model);
  for (const mlp of mlps) {
    for (const layer of probedLayers(model, mlp, gradients)) {
      if (!layer.isSilent) throw notSilent(layer);
      const directions = await topDirections(layer, mlp.added, probe);
      if (directions === undefined) continue;
      measured.set(layer.name, directions);
      if (layer.scale !== undefined) measured.set(scaleName(layer.name), layer.scale);
    }
  }
  if (measured.size === 0) throw noGradient();
  return measured;
}

/** Float32's rounding: singular values below it, times the size, are those of noise. */
const ROUNDING = 2 ** -23;

/** The left singular vectors of a layer, at most so many, at the length of what old units write; `undefined` where all is zero. */
async function topDirections(
  { length, name, slope }: ProbedLayer,
  most: number,
  probe: DataProbe,
): Promise<Matrix | undefined> {
  if (findNotFinite(slope.data) >= 0) throw notFinite(name);
  if (slope.data.every((value) => value === 0)) return undefined;
  const { values, vectors } = await probe.singularVectors(slope);
  const least = (values[0] ?? 0) * ROUNDING * Math.max(slope.rows, slope.columns);
  const rank = Array.from(values).filter((value) => value > least).length;
  const rows = Math.min(most, rank);
  const data = vectors.data.slice(0, rows * vectors.columns).map((value) => length * value);
  return { rows, columns: vectors.columns, data };
}

/** What new units write in the target's channels, of layers that stand first for one of the source. */
function givenUnits(
  plan: Plan,
  { fresh, tensors }: Operator,
  measured: Measured,
  factor: number,
): readonly (readonly [string, Matrix])[] {
  const layers = fresh?.places?.layers ?? {};
  const spaces = plannedSpaces(plan);
  return plan.tensors.flatMap((tensor) => {
    const { layer, parameter, sourceParameter = parameter } = tensor;
    const stack = layers[parameter.stack ?? ""] ?? [];
    const from = layer === undefined ? undefined : (stack[layer] ?? undefined);
    if (from === undefined || stack.indexOf(from) !== layer) return [];
    const name = fillLayer(sourceParameter.name, from);
    const [directions, scale] = [measured.get(name), measured.get(scaleName(name))];
    if (directions === undefined) return [];
    const space = spaces.get(writtenSpace(tensor));
    const map = tensors.get(mapName(0, "width", space?.name ?? ""));
    const isScaled = map !== undefined && scale !== undefined && space !== undefined;
    const written = isScaled ? withScale(map, scale, keptUnits(space)) : map;
    return [[givenName(tensor.name), mapped(directions, written, factor)]];
  });
}

/** A map whose new channels, which hold the mean of the old ones, hold it once these have been scaled. */
function withScale(
  { columns, data, rows }: Matrix,
  scale: Matrix,
  kept: readonly OldUnits[],
): Matrix {
  const scaled = data.map((weight, index) => {
    const isNew = kept[Math.floor(index / columns)]?.length === 0;
    return isNew ? weight * (scale.data[index % columns] as number) : weight;
  });
  return { rows, columns, data: scaled };
}

const writtenSpace = ({ parameter }: PlannedTensor): string =>
  roleSpaces(parameter, "out")[0] ?? "";

/** Rows u as factor M u; M is mostly zeros. */
function mapped({ columns, data, rows }: Matrix, map: Matrix | undefined, factor: number): Matrix {
  if (map === undefined) return { rows, columns, data: data.map((value) => factor * value) };
  const wide = new Float32Array(rows * map.rows);
  for (let channel = 0; channel < map.rows; channel++) {
    const weights = map.data.subarray(channel * columns, (channel + 1) * columns);
    const used = [...weights.entries()].filter(([, weight]) => weight !== 0);
    for (let row = 0; row < rows; row++) {
      const sum = used.reduce(
        (total, [unit, weight]) => total + weight * (data[row * columns + unit] as number),
        0,
      );
      wide[row * map.rows + channel] = factor * sum;
    }
  }
  return { rows, columns: map.rows, data: wide };
}

function notSilent({ name }: ProbedLayer): MethodError {
  return new MethodError(
    "method/activation",
    `Units that read nothing write something by "${name}", as the activation is not 0 at 0: new units would change the function. ` +
      'Grow by `method: "lossless-fresh"`.',
    { tensor: name, expected: "an activation that is 0 at 0", actual: "another one" },
  );
}

function noGradient(): MethodError {
  return new MethodError(
    "method/no-gradient",
    "No new unit has a gradient on the batch: the slope of the activation is 0 at 0 (relu), or the loss does not depend on the MLPs. " +
      'Grow by `method: "lossless-fresh"`.',
    { expected: "gradients that are not zero", actual: "zeros" },
  );
}

function notFinite(name: string): MethodError {
  return new MethodError(
    "method/no-gradient",
    `The gradient of new units that "${name}" reads is not finite. Check the weights of the source and the data, or compute in ` +
      "float32.",
    { tensor: name, expected: "finite numbers", actual: "others" },
  );
}
