import { MethodError } from "../errors/method-error.js";
import { nearestName } from "../nearest-name.js";
import { ligoDepth } from "./ligo-depth.js";
import { ligoLossless } from "./ligo-lossless.js";
import { ligoWidth } from "./ligo-width.js";
import { ligo } from "./ligo.js";
import { mango } from "./mango.js";
import type { Method } from "./method.js";
import { unlearned, type UnlearnedName } from "./unlearned.js";

export type MethodName =
  | "ligo"
  | "ligo-depth"
  | "ligo-width"
  | "ligo-lossless"
  | "mango"
  | UnlearnedName;

/** One entry per name; the compiler refuses a name without its method, and a method under another name. */
const byName: { readonly [Name in MethodName]: Method<object, Name> } = {
  ligo,
  "ligo-depth": ligoDepth,
  "ligo-width": ligoWidth,
  "ligo-lossless": ligoLossless,
  mango,
  ...unlearned,
};

/** The growing methods, in the order of help and tables: those that learn first. */
export const methods: readonly Method<object, MethodName>[] = Object.freeze(Object.values(byName));

/** Whether a text is the name of a method. */
export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(byName, name);
}

/** A method by its name. Throws `method/unknown`, which says the nearest name. */
export function methodNamed(name: string): Method<object, MethodName> {
  if (isMethodName(name)) return byName[name];
  const known = Object.keys(byName);
  throw new MethodError(
    "method/unknown",
    `Unknown method "${name}"; did you mean "${nearestName(name, known) ?? ""}"? Known methods: ${known.join(", ")}.`,
    { expected: known.join(", "), actual: name },
  );
}
