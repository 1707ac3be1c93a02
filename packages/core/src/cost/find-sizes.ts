import { PlanError } from "../errors/plan-error.js";
import type { Architecture, RawConfig } from "../layout/architecture.js";
import { parameterCount } from "./estimates.js";
import {
  keyValueHeads,
  layersOf,
  queryHeads,
  sizeKeys,
  type SizedModel,
  type SizeKeys,
} from "./size-keys.js";

/** What is asked of the sizes of a target; what is not asked follows. */
export interface AskedSizes {
  /** So many times as wide. */
  readonly wide?: number | undefined;
  /** So many times as deep. */
  readonly deep?: number | undefined;
  /** So many layers. */
  readonly layers?: number | undefined;
  /** So many parameters. */
  readonly parameters?: number | undefined;
}

/** Share by which a width, or a number of parameters, may miss what is asked. */
const TOLERANCE = 0.05;

/** A pair of width and depth. */
interface Candidate {
  readonly keys: RawConfig;
  readonly parameters: number;
  readonly wide: number;
  readonly deep: number;
}

/**
 * The keys of a config of the sizes that are asked for, as the family makes its own: heads keep their size and their sharing, so
 * that query heads, heads of keys and values and the residual stream grow by one factor; the stream stays a multiple of the power
 * of two, up to 64, that the source's is of; the MLP keeps its ratio, rounded to a multiple of that up to 256. A number of parameters is met by width and depth that grow by
 * factors as near to each other as can be. Empty where nothing changes.
 *
 * Throws {@link PlanError}: `plan/sizes` where none come within 5 %, which names the nearest; `plan/smaller-target`.
 */
export function findSizes(model: SizedModel, asked: AskedSizes): RawConfig {
  const ladder = widthLadder(model);
  const { parameters } = asked;
  const widths = asked.wide === undefined ? undefined : [stepOf(ladder, asked.wide)];
  const before = layersOf(ladder.layout);
  const layers =
    asked.layers ?? (asked.deep === undefined ? undefined : Math.round(asked.deep * before));
  if (parameters === undefined) {
    const [step = 0] = widths ?? [];
    return { ...ladder.keys(step), ...ladder.depth(layers ?? before) };
  }
  const own = parameterCount(ladder.layout);
  if (parameters < own) throw fewer(parameters, own);
  const all = candidates(ladder, parameters, widths, layers);
  const misses = ({ parameters: count }: Candidate): number => Math.abs(count / parameters - 1);
  const fits = all.filter((one) => misses(one) <= TOLERANCE);
  // out of ratio, and twice as much for out of number
  const penalty = (one: Candidate): number =>
    Math.abs(Math.log(one.wide / one.deep)) + 2 * misses(one);
  const best = least(fits, penalty);
  if (best !== undefined) return best.keys;
  throw noSizes(`${shown(parameters)} parameters`, least(all, misses));
}

/** The widths that whole heads allow, from the source's on. */
interface Ladder {
  readonly layout: ReturnType<Architecture["layout"]>;
  /** Width over the source's. */
  ratio(step: number): number;
  keys(step: number): RawConfig;
  depth(layers: number): RawConfig;
  /** Parameters, without those of layers and those of a layer. */
  count(step: number): { readonly base: number; readonly layer: number };
}

function widthLadder({ architecture, className, config }: SizedModel): Ladder {
  const layout = architecture.layout(config, className);
  const names = sizeKeys({ architecture, className, config });
  const { layers: depthKey, heads: headsKey } = names;
  if (depthKey === undefined || names.width === undefined || headsKey === undefined)
    throw untold(className, names);
  const heads = queryHeads(layout);
  const shared = keyValueHeads(layout);
  // one head of keys and values for all queries stays one
  const group = shared > 1 ? heads / shared : 1;
  const each = evenHeads(Number(config[names.width]), heads, group);
  const ratio = (step: number): number => (heads + step * each) / heads;
  const depth = (layers: number): RawConfig =>
    layers === config[depthKey] ? {} : { [depthKey]: layers };
  const keys = (step: number): RawConfig =>
    step === 0 ? {} : widened(config, names, heads, step * each);
  return {
    layout,
    ratio,
    keys,
    depth,
    count(step) {
      const layers = layersOf(layout);
      const [now, more] = [layers, layers + 1].map((count) =>
        parameterCount(
          architecture.layout({ ...config, ...keys(step), [depthKey]: count }, className),
        ),
      );
      const layer = (more ?? 0) - (now ?? 0);
      return { base: (now ?? 0) - layers * layer, layer };
    },
  };
}

/** The keys of a model with so many more query heads. */
function widened(config: RawConfig, names: SizeKeys, heads: number, more: number): RawConfig {
  const now = heads + more;
  const valueOf = (key: string): number => Number(config[key]);
  const rounded = (key: string): number => {
    const unit = powerOfTwo(valueOf(key), 256);
    return unit * Math.round((valueOf(key) * now) / heads / unit);
  };
  const { heads: headsKey = "", inner, keyValueHeads: sharedKey, width = "" } = names;
  const shared = sharedKey === undefined ? 1 : valueOf(sharedKey);
  return {
    [width]: (valueOf(width) * now) / heads,
    [headsKey]: now,
    ...(shared > 1 ? { [sharedKey ?? ""]: (shared * now) / heads } : {}),
    ...Object.fromEntries(inner.map((key) => [key, rounded(key)])),
  };
}

/** Query heads, in whole groups, that are added at once so that the stream stays the multiple of a power of two, up to 64. */
function evenHeads(width: number, heads: number, group: number): number {
  const unit = powerOfTwo(width, 64);
  let each = group;
  while ((width * each) % (heads * unit) !== 0) each += group;
  return each;
}

/** The largest power of two, up to a limit, that divides a size. */
function powerOfTwo(size: number, limit: number): number {
  let unit = 1;
  while (unit < limit && size % (2 * unit) === 0) unit *= 2;
  return unit;
}

/** The step that comes nearest to a factor of the width. Throws `plan/sizes` where it misses it by more than 5 %. */
function stepOf(ladder: Ladder, wide: number): number {
  const each = ladder.ratio(1) - 1;
  const step = Math.round((wide - 1) / each);
  if (Math.abs(ladder.ratio(step) / wide - 1) <= TOLERANCE) return step;
  const below = Math.floor((wide - 1) / each);
  const nearest = [below, below + 1].map((one) => `${shown(ladder.ratio(one))}x-wide`);
  throw new PlanError(
    "plan/sizes",
    `No whole number of heads makes the source ${shown(wide)} times as wide. Ask for ${nearest.join(" or ")}, or name the sizes.`,
    { expected: nearest.join(" or "), actual: `${shown(wide)}x-wide` },
  );
}

/** Widths and depths, but for the source's own, whose parameters lie around a number. */
function candidates(
  ladder: Ladder,
  parameters: number,
  widths: readonly number[] | undefined,
  layers: number | undefined,
): readonly Candidate[] {
  const before = layersOf(ladder.layout);
  const found: Candidate[] = [];
  for (let step = widths?.[0] ?? 0; ; step++) {
    const { base, layer } = ladder.count(step);
    const exact = (parameters - base) / layer;
    const depths = layers === undefined ? [Math.floor(exact), Math.ceil(exact)] : [layers];
    for (const depth of new Set(depths.map((one) => Math.max(before, one)))) {
      const keys = { ...ladder.keys(step), ...ladder.depth(depth) };
      if (Object.keys(keys).length === 0) continue;
      const count = base + depth * layer;
      found.push({ keys, parameters: count, wide: ladder.ratio(step), deep: depth / before });
    }
    if (widths !== undefined || base + (layers ?? before) * layer > parameters) return found;
  }
}

function least<T>(all: readonly T[], measure: (one: T) => number): T | undefined {
  return all.toSorted((one, other) => measure(one) - measure(other))[0];
}

function fewer(parameters: number, own: number): PlanError {
  const [asked, has] = [shown(parameters), shown(own)];
  return new PlanError(
    "plan/smaller-target",
    `The target is to have ${asked} parameters, and the source has ${has}. Ask for more.`,
    { expected: `more than ${has}`, actual: asked },
  );
}

function noSizes(asked: string, nearest: Candidate | undefined): PlanError {
  const near =
    nearest === undefined
      ? "none"
      : `${shown(nearest.parameters)} parameters, ${JSON.stringify(nearest.keys)}`;
  return new PlanError(
    "plan/sizes",
    `No sizes of whole heads and layers come within 5 % of ${asked}. The nearest has ${near}. Ask for that, or name the sizes.`,
    { expected: near, actual: asked },
  );
}

function untold(className: string, names: SizeKeys): PlanError {
  const { heads, layers, width } = names;
  const lacking = Object.entries({ layers, width, heads })
    .filter(([, key]) => key === undefined)
    .map(([name]) => name);
  return new PlanError(
    "plan/sizes",
    `The config of ${className} has no key of its ${lacking.join(", ")} to choose. Name the sizes of the target.`,
    { expected: "keys of layers, width and heads", actual: `none of ${lacking.join(", ")}` },
  );
}

/** A count whole, a factor to two digits after the point. */
const shown = (value: number): string =>
  value.toLocaleString("en-US", { maximumFractionDigits: value < 1000 ? 2 : 0 });
