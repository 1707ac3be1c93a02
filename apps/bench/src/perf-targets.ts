/** Figures of one case by name. */
export type CaseMetrics = Readonly<Record<string, number>>;

/** Bounds on the figures of a case: fractions must reach them, others must not exceed them. */
export const TARGETS: Readonly<Record<string, CaseMetrics>> = {
  "ligo-small": {
    fractionOfSgemm: 0.65,
    ratioToNaive: 0.8,
    ratioToPublished: 0.55,
    ratioToTuned: 0.75,
    peakMemoryBytes: 1.1e9,
  },
  "ligo-base": {
    fractionOfSgemm: 0.65,
    ratioToNaive: 0.8,
    ratioToPublished: 0.55,
    ratioToTuned: 0.6,
    peakMemoryBytes: 3e9,
    compileSeconds: 6,
  },
  "train-small": { fractionOfSgemm: 0.7, ratioToTuned: 1, peakMemoryBytes: 1e9 },
  "train-base": { fractionOfSgemm: 0.7, ratioToTuned: 0.95 },
  // or under two seconds, whichever is more
  grow: { ratioToCopy: 3 },
  "start-up": { versionCpuSeconds: 0.15 },
};

const GROW_SECONDS = 2;

/** A figure beside its target. */
export interface Check {
  readonly case: string;
  readonly metric: string;
  readonly value: number;
  readonly target: number;
  readonly met: boolean;
}

/** All figures that have a target and were measured. */
export function metricsAgainst(cases: Readonly<Record<string, CaseMetrics>>): readonly Check[] {
  return Object.entries(TARGETS).flatMap(([name, targets]) =>
    Object.entries(targets).flatMap(([metric, target]): Check[] => {
      const value = cases[name]?.[metric];
      if (value === undefined) return [];
      const isQuick = name === "grow" && (cases[name]?.["seconds"] ?? GROW_SECONDS) < GROW_SECONDS;
      const met = metric.startsWith("fraction") ? value >= target : value <= target || isQuick;
      return [{ case: name, metric, value, target, met }];
    }),
  );
}
