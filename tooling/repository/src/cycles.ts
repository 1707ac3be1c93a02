import { dirname, join } from "node:path";
import { parseImports } from "./imports.js";

/** Files to the files they import. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** The relative imports among `files` (path to code), types and lazy ones included. */
export function importGraph(files: ReadonlyMap<string, string>): ImportGraph {
  return new Map(
    [...files].map(([file, code]) => {
      const imported = parseImports(code)
        .filter(({ specifier }) => specifier.startsWith("."))
        .map(({ specifier }) => join(dirname(file), specifier.replace(/\.js$/, ".ts")));
      return [file, [...new Set(imported)].filter((path) => files.has(path))];
    }),
  );
}

/** A shortest cycle through each file that is in one, each cycle once, as `a.ts -> b.ts -> a.ts`. */
export function cycles(graph: ImportGraph): readonly string[] {
  const found = new Set<string>();
  for (const file of [...graph.keys()].toSorted()) {
    const back = shortestWayBack(graph, file);
    if (back !== undefined) found.add(normalized(back).join(" -> "));
  }
  return [...found];
}

/** The files on a shortest way from `start` through its imports back to it, `start` first. */
function shortestWayBack(graph: ImportGraph, start: string): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const imported of graph.get(file) ?? []) {
      if (imported === start) return wayTo(file, start, cameFrom);
      if (cameFrom.has(imported)) continue;
      cameFrom.set(imported, file);
      queue.push(imported);
    }
  }
  return undefined;
}

function wayTo(
  end: string,
  start: string,
  cameFrom: ReadonlyMap<string, string>,
): readonly string[] {
  const way = [end];
  while (way[0] !== start) way.unshift(cameFrom.get(way[0] ?? "") ?? start);
  return way;
}

/** A cycle that starts, and ends, with the first of its files by name. */
function normalized(cycle: readonly string[]): readonly string[] {
  const first = cycle.indexOf(cycle.toSorted()[0] ?? "");
  const turned = [...cycle.slice(first), ...cycle.slice(0, first)];
  return [...turned, ...turned.slice(0, 1)];
}
