import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFailure } from "@ligo/checkpoint";
import { readSealed, writeSealed, type SealedKind } from "@ligo/sdk/runs";
import type { Cell } from "./cell-keys.js";
import type { CellResult } from "./run-cell.js";

const CELL: SealedKind = {
  format: "ligo.cell",
  formatVersion: 1,
  code: "run/damaged-cell",
  advice: "Remove it, and the cell is run again.",
};

/** Cells that were run elsewhere; of runs that rates are chosen by their ends. */
export interface KnownCells {
  readonly cells: readonly CellResult[];
  readonly tuning?: readonly { readonly key: string; readonly loss: number | null }[] | undefined;
}

/** Results of cells by cell; those of other parts of the comparison too, as they come. Each is read once. */
export interface CellStore {
  read(cell: Cell): Promise<CellResult | undefined>;
  /** Held-out loss at the end of a cell: null where it diverged, `undefined` where it has no result. */
  readLoss(cell: Cell): Promise<number | null | undefined>;
  write(result: CellResult): Promise<void>;
}

/** The results of cells in the folder of a comparison, and those that are known from elsewhere. */
export function cellStore(out: string, elsewhere: readonly KnownCells[] = []): CellStore {
  const known = new Map(elsewhere.flatMap(({ cells }) => cells.map((cell) => [cell.key, cell])));
  const losses = new Map(
    elsewhere.flatMap(({ tuning = [] }) => tuning.map(({ key, loss }) => [key, loss])),
  );
  const file = (key: string): string => join(out, "cells", `${key}.json`);
  const read = async ({ key }: Cell): Promise<CellResult | undefined> => {
    const isThere = known.has(key) || existsSync(file(key));
    if (!isThere) return undefined;
    const result = known.get(key) ?? (await readSealed<CellResult>(file(key), CELL));
    known.set(key, result);
    return result;
  };
  return {
    read,
    async readLoss(cell) {
      const result = await read(cell);
      return result === undefined ? losses.get(cell.key) : (result.curve.at(-1)?.loss ?? null);
    },
    async write(result) {
      const folder = join(out, "cells");
      await mkdir(folder, { recursive: true }).catch((error: unknown) => {
        throw writeFailure(folder, error);
      });
      await writeSealed(file(result.key), CELL, { ...result });
    },
  };
}
