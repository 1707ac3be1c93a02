import { existsSync } from "node:fs";
import { join } from "node:path";
import { readSealed, writeSealed, type SealedKind } from "@ligo/sdk/runs";
import type { CellStore } from "./cell-store.js";
import type { KnownEvent } from "./events.js";
import type { OpenedComparison } from "./open-comparison.js";
import type { KnownResults } from "./results.js";
import { atChosenRates, chosenRates, tuningRuns } from "./tuning.js";

/** Results from elsewhere, in the folder of a comparison. */
const KNOWN_NAME = "known.json";

const KNOWN: SealedKind = {
  format: "ligo.known",
  formatVersion: 1,
  code: "run/damaged-known",
  advice: "Remove it, and give the results again (`known`).",
};

/** Keeps results from elsewhere in the folder of a comparison, and gives all that were ever given to it. */
export async function keepKnown(
  out: string,
  given: readonly KnownResults[],
): Promise<readonly KnownResults[]> {
  const file = join(out, KNOWN_NAME);
  const kept = existsSync(file)
    ? (await readSealed<{ readonly results: readonly KnownResults[] }>(file, KNOWN)).results
    : [];
  const there = new Set(kept.map((one) => JSON.stringify(one)));
  const fresh = given
    .map(({ cells, machine, machines, sources, tuning }): KnownResults => {
      return {
        machine,
        ...(machines === undefined ? {} : { machines }),
        ...(tuning === undefined ? {} : { tuning }),
        sources,
        cells,
      };
    })
    .filter((one) => !there.has(JSON.stringify(one)));
  if (fresh.length === 0) return kept;
  const results = [...kept, ...fresh];
  await writeSealed(file, KNOWN, { results });
  return results;
}

/** Tells how many runs in results from elsewhere are a comparison's. */
export async function knownEvent(
  opened: OpenedComparison,
  store: CellStore,
  known: readonly KnownResults[],
): Promise<KnownEvent> {
  const rates = chosenRates(opened.comparison, await tuningRuns(opened, store));
  const own = [...atChosenRates(opened, rates).cells, ...(opened.tuning?.cells ?? [])];
  const keys = new Set(own.map(({ key }) => key));
  const runs = new Set(
    known.flatMap(({ cells, tuning = [] }) => [...cells, ...tuning].map(({ key }) => key)),
  );
  return { type: "known", runs: [...runs].filter((key) => keys.has(key)).length, of: runs.size };
}
