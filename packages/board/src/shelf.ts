import { createComparisonReader, type ComparisonReader } from "./read/comparison.js";
import { findRuns, openRoots, type Entry } from "./read/find-runs.js";
import { createRunReader, type RunReader } from "./read/run.js";
import { comparisonPage } from "./pages/comparison-page.js";
import { overviewPage, type Listed } from "./pages/overview-page.js";
import { runPage } from "./pages/run-page.js";
import type { View } from "./pages/view.js";

/** The runs and comparisons in some folders, as pages. */
export interface Shelf {
  /** The page of a run or a comparison by its id, `""` for the first page; `undefined` where there is none of that name. */
  view(id: string): Promise<View | undefined>;
  /** Folders whose changes change that page. */
  folders(id: string): Promise<readonly string[]>;
}

/** Milliseconds after which the folders are searched anew. */
const FRESH = 1500;

/** Opens the folders. Throws `board/no-folder`. */
export async function openShelf(given: readonly string[]): Promise<Shelf> {
  const roots = await openRoots(given);
  const runs = new Map<string, RunReader>();
  const comparisons = new Map<string, ComparisonReader>();
  let known: { readonly at: number; readonly entries: Promise<readonly Entry[]> } | undefined;

  const entries = (): Promise<readonly Entry[]> => {
    const now = performance.now();
    if (known === undefined || now - known.at > FRESH)
      known = { at: now, entries: findRuns(roots) };
    return known.entries;
  };
  const list = async ({ folder, id, kind }: Entry): Promise<Listed> => {
    if (kind === "run") {
      const reader = runs.get(folder) ?? createRunReader(folder);
      runs.set(folder, reader);
      return { id, kind, view: await reader.read() };
    }
    const reader = comparisons.get(folder) ?? createComparisonReader(folder);
    comparisons.set(folder, reader);
    return { id, kind, view: await reader.read() };
  };
  /** The one entry that is all there is to see. */
  const only = (found: readonly Entry[]): Entry | undefined => {
    const shown = found.filter(({ within }) => within === undefined);
    return shown.length === 1 && shown[0]?.folder === roots[0]?.folder ? shown[0] : undefined;
  };
  const entryOf = async (id: string): Promise<Entry | undefined> => {
    const found = await entries();
    return id === "" ? only(found) : found.find((entry) => entry.id === id);
  };
  return {
    async view(id) {
      const entry = await entryOf(id);
      if (entry === undefined && id !== "") return undefined;
      if (entry !== undefined) {
        const listed = await list(entry);
        return listed.kind === "run"
          ? runPage(id || entry.id, listed.view)
          : comparisonPage(entry.id, listed.view);
      }
      const shown = (await entries()).filter(({ within }) => within === undefined);
      const listed: Listed[] = [];
      for (const one of shown) listed.push(await list(one));
      return overviewPage(roots, listed);
    },
    async folders(id) {
      const entry = await entryOf(id);
      const found = await entries();
      const inner = found.filter(({ within }) => within === entry?.id).map(({ folder }) => folder);
      if (entry === undefined)
        return [...roots.map(({ folder }) => folder), ...found.map(({ folder }) => folder)];
      if (entry.kind === "run") return [entry.folder];
      return [
        entry.folder,
        ...["cells", "work", "sources"].map((name) => `${entry.folder}/${name}`),
        ...inner,
      ];
    },
  };
}
