import { lstat, realpath } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { COMPARISON_NAME } from "@ligo/compare";
import { RECORD_NAME } from "@ligo/sdk/models";
import { RECIPE_NAME } from "@ligo/sdk/runs";
import { BoardError } from "../board-error.js";
import { namesIn, readObject, textAt } from "./files.js";

/** A run or a comparison that lies in one of the folders that are shown. */
export interface Entry {
  /** Path from the folder that was given, with that folder's name; the same on every visit. */
  readonly id: string;
  readonly kind: "run" | "comparison";
  /** Absolute, without links. */
  readonly folder: string;
  /** The comparison that a run is a part of. */
  readonly within?: string | undefined;
}

/** A folder that is shown. */
export interface Root {
  readonly name: string;
  readonly folder: string;
}

/** Folders below a root, and folders in all, that are looked into. */
const [DEEPEST, MOST] = [5, 4000];
/** Folders in which no run lies. */
const PASSED: ReadonlySet<string> = new Set(["node_modules", "checkpoints", "cells"]);

/** The folders to show, each with a name of its own. Throws `board/no-folder`. */
export async function openRoots(folders: readonly string[]): Promise<readonly Root[]> {
  const roots: Root[] = [];
  for (const given of folders) {
    const folder = await realpath(resolve(given)).catch(() => undefined);
    if (folder === undefined || !(await lstat(folder)).isDirectory()) {
      throw new BoardError(
        "board/no-folder",
        `There is no folder ${given}. Name folders of runs or of comparisons, or one that holds them.`,
        { file: given, expected: "a folder" },
      );
    }
    const name = basename(folder) || "root";
    const taken = roots.filter((root) => root.name.replace(/~\d+$/u, "") === name).length;
    roots.push({ folder, name: taken === 0 ? name : `${name}~${taken + 1}` });
  }
  return roots;
}

/** All runs and comparisons in the folders, in the order of their paths; links are not followed. */
export async function findRuns(roots: readonly Root[]): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  let visited = 0;
  const visit = async (
    root: Root,
    folder: string,
    depth: number,
    within?: string,
  ): Promise<void> => {
    visited += 1;
    if (depth > DEEPEST || visited > MOST) return;
    const { files, folders } = await namesIn(folder);
    const path = relative(root.folder, folder).split(sep).filter(Boolean);
    const id = [root.name, ...path].join("/");
    const isComparison = files.includes(COMPARISON_NAME);
    if (isComparison) found.push({ id, kind: "comparison", folder });
    else if (files.includes(RECORD_NAME) || (files.includes(RECIPE_NAME) && (await isRun(folder))))
      found.push({ id, kind: "run", folder, within });
    for (const name of folders) {
      if (name.startsWith(".") || PASSED.has(name)) continue;
      await visit(root, join(folder, name), depth + 1, isComparison ? id : within);
    }
  };
  for (const root of roots) await visit(root, root.folder, 0);
  return found;
}

/** Whether a recipe is that of a run. One that a person wrote, as for a comparison, names no format. */
async function isRun(folder: string): Promise<boolean> {
  const recipe = await readObject(join(folder, RECIPE_NAME));
  return recipe === undefined || textAt(recipe, "format") !== undefined;
}
