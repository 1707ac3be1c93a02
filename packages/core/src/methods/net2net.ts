import { randomCopies, tiedReadouts, zeroLayers } from "./change-reasons.js";
import { copyOperator } from "./copy-operator.js";
import { headChanges } from "./head-changes.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";
import { randomPick } from "../plan/unit-picks.js";

/**
 * Net2Net (Chen et al., 2016). Net2WiderNet: the old units stay, each new one copies a random old one, and what reads the
 * copies of a unit divides by their number. Net2DeeperNet: added layers are identities where a layer can be one: where
 * norms stand before the sublayers they write nothing to the residual stream (`zero-block`); where norms stand after the
 * sums no layer is an identity, and they are as near to one as copied norms are.
 */
export const net2net: Method<object, "net2net"> = defineMethod({
  name: "net2net",
  says: "New units copy random ones; added layers are identities where they can be.",
  source: "Net2Net, Chen et al., 2016",
  options: {},
  learns: false,
  keepsFunction: (plan) =>
    keptUnless([
      ...zeroLayers(plan),
      ...randomCopies(plan),
      ...tiedReadouts(plan),
      ...headChanges(plan),
    ]),
  operator: (plan, { random }) =>
    copyOperator(plan, random, { pick: randomPick(random), depth: "zero-block" }),
});
