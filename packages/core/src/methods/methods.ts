import { MethodError } from "../errors/method-error.js";
import { nearestName } from "../nearest-name.js";
import { aki } from "./aki.js";
import { bot } from "./bot.js";
import { directCopy } from "./direct-copy.js";
import { fpi } from "./fpi.js";
import { interlace, interpolate } from "./interpolate.js";
import { lemon } from "./lemon.js";
import { lesa } from "./lesa.js";
import { ligoDepth } from "./ligo-depth.js";
import { ligoLossless } from "./ligo-lossless.js";
import { ligoWidth } from "./ligo-width.js";
import { ligo } from "./ligo.js";
import { losslessFresh } from "./lossless-fresh.js";
import { mango } from "./mango.js";
import type { Method } from "./method.js";
import { midas } from "./midas.js";
import { net2net } from "./net2net.js";
import { randomStart } from "./random.js";
import { solar } from "./solar.js";
import { sparkling } from "./sparkling.js";
import { stack } from "./stack.js";
import { szp } from "./szp.js";
import { tile } from "./tile.js";
import { tleg } from "./tleg.js";
import { zeroBlock } from "./zero-block.js";

export type MethodName =
  | "ligo"
  | "ligo-depth"
  | "ligo-width"
  | "ligo-lossless"
  | "mango"
  | "stack"
  | "interpolate"
  | "interlace"
  | "zero-block"
  | "net2net"
  | "fpi"
  | "aki"
  | "tile"
  | "solar"
  | "midas"
  | "tleg"
  | "lesa"
  | "bot"
  | "lemon"
  | "lossless-fresh"
  | "direct-copy"
  | "szp"
  | "sparkling"
  | "random";

/** One entry per name; the compiler refuses a name without its method, and a method under another name. */
const byName: { readonly [Name in MethodName]: Method<object, Name> } = {
  ligo,
  "ligo-depth": ligoDepth,
  "ligo-width": ligoWidth,
  "ligo-lossless": ligoLossless,
  mango,
  stack,
  interpolate,
  interlace,
  "zero-block": zeroBlock,
  net2net,
  fpi,
  aki,
  tile,
  solar,
  midas,
  tleg,
  lesa,
  bot,
  lemon,
  "lossless-fresh": losslessFresh,
  "direct-copy": directCopy,
  szp,
  sparkling,
  random: randomStart,
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
