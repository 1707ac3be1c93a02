import {
  createRandom,
  methodNamed,
  type Method,
  type Operator,
  type Plan,
  type ReadSource,
} from "@ligo/core";
import { makeOperator, type DataProbe } from "@ligo/core/methods";
import type { CheckedGrowSettings } from "../settings/types.generated.js";

/** Settings of which some are options of a method. */
type MethodSettings = Pick<CheckedGrowSettings, "method" | "seed">;

/** The method that settings name, or give as a value; an operator that is given needs none, so that any stands for `auto` there. */
export function methodOf({ method }: Pick<CheckedGrowSettings, "method">): Method {
  if (method === "auto") return methodNamed("ligo");
  return typeof method === "string" ? methodNamed(method) : method;
}

/** Options that settings hold for a method. */
export function methodOptions(
  { options }: Method,
  settings: object,
): Readonly<Record<string, unknown>> {
  const known = settings as Readonly<Record<string, unknown>>;
  const given = Object.keys(options).map((name): [string, unknown] => [name, known[name]]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== null));
}

/**
 * The operator of a method; of one that learns, where learning starts.
 *
 * @param initialDeviation standard deviation of weights that start from scratch
 * @param read reads the source, which some methods measure
 * @param probe asks data, which some methods need
 */
export function startOperator(
  plan: Plan,
  settings: MethodSettings,
  initialDeviation: number,
  read: ReadSource,
  probe?: DataProbe,
): Promise<Operator> {
  const method = methodOf(settings);
  const random = createRandom(settings.seed).fork("operator");
  return makeOperator(method, plan, read, {
    random,
    initialDeviation,
    options: methodOptions(method, settings),
    probe,
  });
}
