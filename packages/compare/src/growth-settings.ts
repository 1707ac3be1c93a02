import type { GrowSettings } from "@ligo/sdk";
import {
  askedLearning,
  asksData,
  growSettings,
  learnsOperator,
  methodFacts,
  unusedNames,
} from "@ligo/sdk/settings";
import {
  AUTO,
  growthOf,
  sharedSettings,
  type ComparedMethod,
  type Comparison,
  type GrowsBy,
} from "./comparison.js";
import { given } from "./given.js";

/** Settings of a growth, without its target, its seed and its folder. */
export type RowGrowth = Omit<GrowSettings, "to" | "seed" | "out">;

/** Settings of a growth, and which of them it reads. */
export interface SortedGrowth {
  readonly settings: RowGrowth;
  /** Names of settings that the growth does not read, and that are left out. */
  readonly unread: readonly string[];
}

const isOption = (name: string): boolean =>
  methodFacts.some(({ options }) => options.includes(name));

/**
 * Settings that a row's growth by a method reads: methods share a comparison's settings, and each takes its own. Options
 * of other methods are left out; where nothing is learned, so are data and settings of learning.
 */
export function growthBy(
  comparison: Comparison,
  row: ComparedMethod,
  method: GrowsBy,
): SortedGrowth {
  if (method === AUTO) return probedGrowth(comparison, row);
  const settings = growthOf(comparison, row);
  const { architecture, data, engine, ...ofData } = sharedSettings(comparison);
  const learns = settings.steps > 0 && learnsOperator({ method, data });
  const all = given({
    ...settings,
    architecture,
    engine,
    // layers are compared on data, too, and some methods take gradients on them
    ...(learns || asksData(method) || settings.layersBy !== undefined ? { data, ...ofData } : {}),
    method,
    evaluate: false,
    dtype: "f32",
  } satisfies RowGrowth);
  // a setting of learning that its own rules refuse is a fault, not one that is meant for others
  const unread = unusedNames(growSettings, all).filter((name) => !learns || isOption(name));
  return { settings: without(all, new Set(unread)), unread };
}

/** Settings of a growth whose method a probe chooses: those of learning would ask for one that learns. */
function probedGrowth(comparison: Comparison, row: ComparedMethod): SortedGrowth {
  const settings = growthOf(comparison, row);
  const { accumulate, batch, learningRate, sequence } = { ...comparison.training, ...row.training };
  const all = given({
    ...settings,
    // it trains as training will, not as an operator is learned
    ...given({ accumulate, batch, sequence }),
    ...row.growth,
    ...sharedSettings(comparison),
    trainingRate: settings.trainingRate ?? learningRate,
    evaluate: false,
    dtype: "f32",
  } satisfies RowGrowth);
  const asked = new Set(askedLearning(new Set(Object.keys(all))));
  const rest = without(all, asked);
  const unused = new Set(unusedNames(growSettings, rest).filter(isOption));
  return {
    settings: { ...without(rest, unused), method: AUTO },
    unread: [...asked, ...unused],
  };
}

const without = (settings: RowGrowth, names: ReadonlySet<string>): RowGrowth =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !names.has(name)));
