import type { Layout, RawConfig } from "@ligo/core";
import type { RowGrowth } from "@ligo/core/stream";

type Sides = readonly [height: number, width: number];

/** Sizes of a `preprocessor_config.json` that go along with the images of the model. */
const SIZES = ["size", "crop_size"];

/** The image sizes of an image processor that are those of the source, as the target has them; its shorter edge in proportion. */
export function grownProcessor(config: RawConfig, source: Layout, target: Layout): RawConfig {
  const [before, after] = [imageOf(source), imageOf(target)];
  if (before === undefined || after === undefined || String(before) === String(after)) return {};
  const entries = SIZES.filter((key) => key in config).map((key): [string, unknown] => [
    key,
    grownSize(config[key], before, after),
  ]);
  return Object.fromEntries(entries);
}

/** Height and width of a model's images. */
function imageOf({ spaces }: Layout): Sides | undefined {
  for (const { rows } of Object.values(spaces)) {
    if (rows?.of !== "patches") continue;
    const [height, width] = rows.grid;
    return [
      height * (spaces["patch_height"]?.size ?? 1),
      width * (spaces["patch_width"]?.size ?? 1),
    ];
  }
  return undefined;
}

function grownSize(size: unknown, before: Sides, after: Sides): unknown {
  const isSame = (height: unknown, width: unknown): boolean =>
    height === before[0] && width === before[1];
  const [height, width] = after;
  if (isSame(size, size)) return height === width ? height : { height, width };
  if (typeof size !== "object" || size === null) return size;
  const { height: tall, shortest_edge: edge, width: wide } = size as RawConfig;
  if (isSame(tall, wide)) return { ...size, height, width };
  if (typeof edge !== "number") return size;
  const ratio = Math.min(...after) / Math.min(...before);
  return { ...size, shortest_edge: Math.round(edge * ratio) };
}

/** The longest text of a tokenizer where it is as long as the learned positions of the source. */
export function grownPositions(config: RawConfig, growths: readonly RowGrowth[]): RawConfig {
  for (const { now, old } of growths) {
    if (now.rows.of !== "positions" || old.rows.of !== "positions") continue;
    const [before, after] = [old.size - old.rows.first, now.size - now.rows.first];
    if (config["model_max_length"] === before) return { model_max_length: after };
  }
  return {};
}
