import type { Architecture, RawConfig } from "./architecture.js";

/**
 * Keys of a config that go along with those that are set for growth: of `follows`, where both were equal before; of `perLayer`,
 * whose lists go on with their period, or have the entry of the layer that each layer copies.
 *
 * @param layers source layer of every layer, where a list gives them
 */
export function followingKeys(
  { follows = {}, perLayer = {} }: Pick<Architecture, "follows" | "perLayer">,
  raw: RawConfig,
  keys: RawConfig,
  layers?: readonly number[],
): RawConfig {
  const equal = Object.entries(follows)
    .filter(([key, leader]) => leader in keys && key in raw && raw[key] === raw[leader])
    .map(([key, leader]) => [key, keys[leader]]);
  const lists = Object.entries(perLayer).flatMap(([key, leader]) => {
    const [list, count] = [raw[key], keys[leader]];
    if (key in keys || !Array.isArray(list)) return [];
    if (layers !== undefined) return [[key, layers.map((layer): unknown => list[layer])]];
    return typeof count === "number" && count > list.length ? [[key, continued(list, count)]] : [];
  });
  return Object.fromEntries([...equal, ...lists]) as RawConfig;
}

/** A list made longer with the shortest period that it has. */
function continued(list: readonly unknown[], length: number): readonly unknown[] {
  const period = list.findIndex(
    (_, shift) => shift > 0 && list.slice(shift).every((one, index) => one === list[index]),
  );
  return Array.from({ length }, (_, index) => list[index % (period < 0 ? list.length : period)]);
}
