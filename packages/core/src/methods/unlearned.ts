import { aki } from "./aki.js";
import { bot } from "./bot.js";
import { directCopy } from "./direct-copy.js";
import { fpi } from "./fpi.js";
import { gradmax } from "./gradmax.js";
import { interlace, interpolate } from "./interpolate.js";
import { lemon } from "./lemon.js";
import { lesa } from "./lesa.js";
import { losslessFresh } from "./lossless-fresh.js";
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

/** Methods whose operator is final. */
export type UnlearnedName =
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
  | "gradmax"
  | "direct-copy"
  | "szp"
  | "sparkling"
  | "random";

/** One entry per name, in the order of help and tables; the compiler refuses a name without its method. */
export const unlearned: { readonly [Name in UnlearnedName]: Method<object, Name> } = {
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
  gradmax,
  "direct-copy": directCopy,
  szp,
  sparkling,
  random: randomStart,
};
