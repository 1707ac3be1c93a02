import { evaluate } from "@ligo/sdk";
import { defaultsOf, trainSettings } from "@ligo/sdk/settings";
import { microBatchSize } from "@ligo/sdk/tasks";
import { sharedSettings, type OtherData } from "./comparison.js";
import { given } from "./given.js";
import type { CellRun } from "./train-phases.js";

/** Losses of a model on data that it does not learn from. */
export interface OtherLosses {
  /** Before its training: of what was grown, or of the source; null of a target from scratch. */
  readonly before: number | null;
  /** At the end of its training. */
  readonly after: number;
}

/**
 * Judges a model on the other data of a comparison, before and after its training; all of them unless the recipe says how much
 * is held out. Empty where there are none.
 *
 * @param before checkpoint that training began with; `undefined` of one that began from scratch
 */
export async function judgeElsewhere(
  run: CellRun,
  before: string | undefined,
  after: string,
): Promise<{ readonly evaluation?: Readonly<Record<string, OtherLosses>> }> {
  const { evaluation } = run.opened.comparison;
  if (evaluation === undefined) return {};
  const found: [string, OtherLosses][] = [];
  for (const other of evaluation) {
    const judged = {
      before: before === undefined ? null : await lossOn(run, before, other),
      after: await lossOn(run, after, other),
    };
    found.push([other.name, judged]);
  }
  return { evaluation: Object.fromEntries(found) };
}

async function lossOn(
  { cell, handles, opened }: CellRun,
  checkpoint: string,
  { name: _name, ...settings }: OtherData,
): Promise<number> {
  const { architecture, cache, engine, objective } = sharedSettings(opened.comparison);
  const { accumulate, batch, sequence } = {
    ...defaultsOf(trainSettings, "accumulate", "batch", "sequence"),
    ...given(cell.training),
  };
  const { loss } = await evaluate(checkpoint, {
    ...given({ architecture, cache, engine, objective }),
    ...opened.beside,
    all: settings.heldOut === undefined,
    ...settings,
    batch: microBatchSize(batch, accumulate),
    sequence,
    ...handles,
  });
  return loss;
}
