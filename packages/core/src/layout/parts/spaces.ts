import type { Space } from "../layout.js";

/** A space that grows by one map for the whole model. */
export function modelSpace(size: number): Space {
  return { size, grows: true, scope: "model" };
}

/** A space that grows by a map of its own in every layer of a stack. */
export function layerSpace(size: number): Space {
  return { size, grows: true, scope: "layer" };
}

/** A space of one size in source and target. */
export function fixedSpace(size: number): Space {
  return { size, grows: false, scope: "model" };
}

/** The spaces `query`, `key` and `value` of multi-head attention of `size` channels in all heads together. */
export function attentionSpaces(
  size: number,
  heads: number,
): { readonly query: Space; readonly key: Space; readonly value: Space } {
  const rowOfHeads: Space = { ...layerSpace(size), unit: size / heads };
  return {
    query: { ...rowOfHeads, pairedWith: "key" },
    key: rowOfHeads,
    value: rowOfHeads,
  };
}
