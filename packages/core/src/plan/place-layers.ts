import type { Stack } from "../layout/layout.js";

/**
 * The target layer of every source layer, in order and each of its own kind (local or global attention), as evenly spread as
 * kinds allow; `undefined` where the kinds of the target leave no place. The first of the layers that `interlace` makes copies of,
 * where all are of one kind.
 */
export function placedLayers(before: Stack, after: Stack): readonly number[] | undefined {
  const [old, now] = [before.layers, after.layers];
  const isPlace = (layer: number, to: number): boolean =>
    before.kinds?.[layer] === after.kinds?.[to];
  const latest: number[] = [];
  let to = now;
  for (let layer = old - 1; layer >= 0; layer--) {
    do to--;
    while (to >= 0 && !isPlace(layer, to));
    if (to < 0) return undefined;
    latest[layer] = to;
  }
  const places: number[] = [];
  for (let layer = 0; layer < old; layer++) {
    const last = latest[layer] ?? 0;
    const first = (places.at(-1) ?? -1) + 1;
    let place = Math.min(last, Math.max(first, Math.ceil((layer * now) / old)));
    while (!isPlace(layer, place)) place++;
    places.push(place);
  }
  return places;
}
