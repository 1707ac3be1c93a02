import type { LayerList } from "./layer-list.js";

/**
 * The list of layers that repeats the source's in place until there are as many as asked for: those with the largest similarity of
 * input and output first, the earlier ones where they are equal. Where there are more layers to add than the source has, all are
 * repeated before any is a second time. As Yi-9B repeats the layers of Yi-6B whose cosine is near 1 (Yi, 01.AI, 2024,
 * arXiv:2403.04652).
 *
 * @param similarity one number for every source layer
 * @param layers at least as many as there are in the source
 */
export function repeatLayers(similarity: readonly number[], layers: number): LayerList {
  const count = similarity.length;
  const more = layers - count;
  const [rounds, rest] = [Math.floor(more / count), more % count];
  const order = similarity
    .map((value, layer) => ({ value, layer }))
    .toSorted((one, other) => other.value - one.value);
  const again = new Set(order.slice(0, rest).map(({ layer }) => layer));
  return similarity.flatMap((_, layer) =>
    Array.from({ length: 1 + rounds + (again.has(layer) ? 1 : 0) }, () => layer),
  );
}
