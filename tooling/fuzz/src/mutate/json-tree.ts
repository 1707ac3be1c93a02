/** A JSON text as a tree that also holds what no JSON value can: a key twice, numbers as they are spelt, no JSON at all. */
export type JsonTree =
  | { readonly kind: "object"; readonly entries: JsonEntry[] }
  | { readonly kind: "array"; readonly items: JsonTree[] }
  | { readonly kind: "raw"; readonly text: string };

export interface JsonEntry {
  key: string;
  value: JsonTree;
}

/** The tree of a text; `undefined` where it is not JSON. */
export function parseTree(text: string): JsonTree | undefined {
  try {
    return treeOf(JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text));
  } catch {
    return undefined;
  }
}

function treeOf(value: unknown): JsonTree {
  if (Array.isArray(value)) return { kind: "array", items: value.map(treeOf) };
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => ({ key, value: treeOf(inner) }));
    return { kind: "object", entries };
  }
  return { kind: "raw", text: JSON.stringify(value) };
}

export function renderTree(tree: JsonTree): string {
  if (tree.kind === "raw") return tree.text;
  if (tree.kind === "array") return `[${tree.items.map(renderTree).join(",")}]`;
  const entries = tree.entries.map(
    ({ key, value }) => `${JSON.stringify(key)}:${renderTree(value)}`,
  );
  return `{${entries.join(",")}}`;
}

/** A place in a tree: one that can be read, and be given another tree. */
export interface Slot {
  get(): JsonTree;
  set(tree: JsonTree): void;
  /** The list that the place belongs to, and its number in it; absent of the whole. */
  readonly among?: { readonly list: (JsonTree | JsonEntry)[]; readonly index: number };
  /** Its key, where it is a value of an object. */
  readonly entry?: JsonEntry;
}

/** All places of a tree, its whole first. */
export function slotsOf(root: { tree: JsonTree }): readonly Slot[] {
  const found: Slot[] = [];
  const visit = (slot: Slot): void => {
    found.push(slot);
    const tree = slot.get();
    if (tree.kind === "array") {
      const { items } = tree;
      for (const index of items.keys()) {
        visit({
          get: () => items[index] as JsonTree,
          set: (next) => void (items[index] = next),
          among: { list: items, index },
        });
      }
    } else if (tree.kind === "object") {
      for (const [index, entry] of tree.entries.entries()) {
        visit({
          get: () => entry.value,
          set: (next) => void (entry.value = next),
          among: { list: tree.entries, index },
          entry,
        });
      }
    }
  };
  visit({ get: () => root.tree, set: (next) => void (root.tree = next) });
  return found;
}

/** A tree of its own with the same contents. */
export function copyTree(tree: JsonTree): JsonTree {
  if (tree.kind === "raw") return tree;
  if (tree.kind === "array") return { kind: "array", items: tree.items.map(copyTree) };
  const entries = tree.entries.map(({ key, value }) => ({ key, value: copyTree(value) }));
  return { kind: "object", entries };
}
