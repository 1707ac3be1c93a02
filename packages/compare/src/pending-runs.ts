import { existsSync } from "node:fs";
import { join } from "node:path";
import { RECORD_NAME } from "@ligo/sdk/models";
import type { Cell } from "./cell-keys.js";
import type { CellStore } from "./cell-store.js";
import { rowFlops, sourceFlopsOf } from "./estimate-comparison.js";
import type { OpenedComparison } from "./open-comparison.js";
import { sourceFolder } from "./run-cell.js";
import type { Shard } from "./shard.js";
import type { RunCost } from "./time-left.js";

/** Name of a cell among the runs of a comparison; its key is not known before its rate is. */
export const runName = ({ method, seed }: Cell): string => `${method.name}, seed ${seed}`;

/** Cells that a part of a comparison runs. */
export interface ShardCells {
  /** Cells of the comparison itself; where rates are chosen, before they are. */
  readonly own: readonly Cell[];
  /** Cells that rates are chosen by. */
  readonly tried: readonly Cell[];
}

/** The cells of a part; all without one. Where rates are chosen, a row belongs to one part with all its rates: none waits for another. */
export function cellsOfShard(
  { cells, comparison, tuning }: OpenedComparison,
  shard: Shard | undefined,
): ShardCells {
  const isMine = (index: number): boolean =>
    shard === undefined || index % shard.count === shard.index - 1;
  if (tuning === undefined) return { own: cells.filter((_, index) => isMine(index)), tried: [] };
  const { methods, rates = [] } = comparison;
  const rows = tuning.comparison.methods.length;
  return {
    own: cells.filter((_, index) => isMine(index % methods.length)),
    tried: tuning.cells.filter((_, index) => isMine(Math.floor((index % rows) / rates.length))),
  };
}

export interface PendingOptions {
  readonly opened: OpenedComparison;
  readonly store: CellStore;
  readonly out: string;
  readonly shard: Shard | undefined;
}

/** The runs of a part that have no result yet, with their estimated operations: sources by their keys, cells by {@link runName}. */
export async function pendingRuns(
  { opened, out, shard, store }: PendingOptions,
  withCells: boolean,
): Promise<ReadonlyMap<string, RunCost>> {
  const { tuning } = opened;
  const { own, tried } = withCells
    ? cellsOfShard(opened, shard)
    : { own: opened.cells, tried: tuning?.cells ?? [] };
  const runs = new Map<string, RunCost>();
  for (const [part, cells] of [[opened, own] as const, [tuning, tried] as const]) {
    if (part === undefined) continue;
    const costs = new Map<string, RunCost>();
    for (const cell of cells) {
      const { method, source } = cell;
      if (withCells && (await store.readLoss(cell)) !== undefined) continue;
      if (source !== undefined && !runs.has(source)) {
        const isDone = existsSync(join(sourceFolder(out, source), RECORD_NAME));
        runs.set(source, { source: isDone ? 0 : sourceFlopsOf(part) });
      }
      if (!withCells) continue;
      const cost = costs.get(method.name) ?? cellCost(part, cell);
      costs.set(method.name, cost);
      runs.set(runName(cell), cost);
    }
  }
  return runs;
}

function cellCost(opened: OpenedComparison, { method }: Cell): RunCost {
  const { growthFlops: learn, trainingFlops: train } = rowFlops(opened, method);
  return { learn, train };
}
