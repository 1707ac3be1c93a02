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

/** Results of cells by cell; those of other parts of the comparison too, as they come. Each is read once. */
export interface CellStore {
  read(cell: Cell): Promise<CellResult | undefined>;
  write(result: CellResult): Promise<void>;
}

/** The results of cells in the folder of a comparison. */
export function cellStore(out: string): CellStore {
  const known = new Map<string, CellResult>();
  const file = (key: string): string => join(out, "cells", `${key}.json`);
  return {
    async read({ key }) {
      const isThere = known.has(key) || existsSync(file(key));
      if (!isThere) return undefined;
      const result = known.get(key) ?? (await readSealed<CellResult>(file(key), CELL));
      known.set(key, result);
      return result;
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
