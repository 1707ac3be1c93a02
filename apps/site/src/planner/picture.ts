import type { PlanReport } from "@ligo/sdk/planning";

/** A rectangle that stands for layers of a model. */
export interface Block {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One of the two models: a slab for every layer, as wide as the model. */
export interface ModelPicture {
  readonly name: string;
  readonly layers: number;
  readonly width: number;
  readonly slabs: readonly Block[];
  /** The part of each slab that a model of the source's size takes; absent where nothing does. */
  readonly old: readonly (Block | undefined)[];
}

export interface GrowthPicture {
  readonly width: number;
  readonly height: number;
  readonly source: ModelPicture;
  readonly target: ModelPicture;
}

const CANVAS = { width: 360, height: 240, gap: 40 } as const;

/** Slabs that are drawn at most; deeper models are drawn by their share. */
const MOST = 48;

/** Size of the residual stream, which every model has by one name or another. */
function widths({ spaces }: PlanReport): readonly [number, number] {
  const stream =
    spaces.find(({ name }) => name === "embed") ??
    spaces.find(({ name }) => name === "mlp") ??
    spaces[0];
  return [stream?.from ?? 1, stream?.to ?? 1];
}

const total = (layers: Readonly<Record<string, number>>): number =>
  Object.values(layers).reduce((sum, count) => sum + count, 0);

/** Both models side by side at one scale, with the part of the target that is the size of the source. */
export function pictureOf(report: PlanReport): GrowthPicture {
  const [from, to] = widths(report);
  const [few, many] = [total(report.source.layers), total(report.target.layers)];
  const perUnit = (CANVAS.width - CANVAS.gap) / (from + to);
  const share = Math.min(1, MOST / many);
  const [fewSlabs, manySlabs] = [few, many].map((count) =>
    Math.max(1, Math.round(count * share)),
  ) as [number, number];
  const pitch = CANVAS.height / manySlabs;
  const slab = (x: number, row: number, units: number): Block => ({
    x,
    y: CANVAS.height - (row + 1) * pitch + pitch * 0.1,
    width: units * perUnit,
    height: pitch * 0.8,
  });
  const rows = (count: number): readonly number[] => Array.from({ length: count }, (_, row) => row);
  const right = from * perUnit + CANVAS.gap;
  return {
    width: CANVAS.width,
    height: CANVAS.height,
    source: {
      name: "small",
      layers: few,
      width: from,
      slabs: rows(fewSlabs).map((row) => slab(0, row, from)),
      old: rows(fewSlabs).map(() => undefined),
    },
    target: {
      name: "large",
      layers: many,
      width: to,
      slabs: rows(manySlabs).map((row) => slab(right, row, to)),
      old: rows(manySlabs).map((row) => (row < fewSlabs ? slab(right, row, from) : undefined)),
    },
  };
}
