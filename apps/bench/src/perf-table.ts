import { PEER_WAYS } from "./perf-peer.js";
import type { CaseMetrics, Check } from "./perf-targets.js";

export interface PerfReport {
  readonly sgemmGflops: number;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly cases: Readonly<Record<string, CaseMetrics>>;
  readonly checks: readonly Check[];
  /** What the peer says of itself, by its way. */
  readonly peers: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

type Column = readonly [title: string, cell: (metrics: CaseMetrics) => string | undefined];

const show =
  (metric: string, format: (value: number) => string) =>
  (metrics: CaseMetrics): string | undefined => {
    const value = metrics[metric];
    return value === undefined ? undefined : format(value);
  };

const percent = (value: number): string => `${(value * 100).toFixed(0)} %`;
const gigabytes = (value: number): string => `${(value / 1e9).toFixed(2)} GB`;

const STEP_COLUMNS: readonly Column[] = [
  ["s/step", show("seconds", (value) => value.toFixed(3))],
  ["median", show("medianSeconds", (value) => value.toFixed(3))],
  ["GFLOP", show("flops", (value) => (value / 1e9).toFixed(0))],
  ["of SGEMM", show("fractionOfSgemm", percent)],
  ["of naive", show("ratioToNaive", (value) => value.toFixed(2))],
  ...Object.values(PEER_WAYS).map(({ metric, title }): Column => [
    `of ${title}`,
    show(`ratioTo${metric}`, (value) => value.toFixed(2)),
  ]),
  ["peak", show("peakMemoryBytes", gigabytes)],
  ["compile s", show("compileSeconds", (value) => value.toFixed(1))],
];

/** The report for people: steps as a table, the rest in lines, then every target. */
export function perfTable({
  sgemmGflops,
  machine,
  versions,
  cases,
  checks,
  peers,
}: PerfReport): string {
  const steps = Object.entries(cases).filter(([, metrics]) => metrics["flops"] !== undefined);
  const others = Object.entries(cases).filter(([, metrics]) => metrics["flops"] === undefined);
  const used = STEP_COLUMNS.filter(([, cell]) => steps.some(([, metrics]) => cell(metrics)));
  const rows = steps.map(([name, metrics]) => [
    name,
    ...used.map(([, cell]) => cell(metrics) ?? "-"),
  ]);
  const listed = (facts: Readonly<Record<string, string>>): string =>
    Object.entries(facts)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ");
  return [
    `${machine}; ${listed(versions)}; SGEMM ${sgemmGflops.toFixed(0)} GFLOP/s`,
    ...(rows.length > 0 ? [aligned([["case", ...used.map(([title]) => title)], ...rows])] : []),
    ...Object.entries(peers).map(([way, about]) => `${PEER_WAYS[way]?.title}: ${listed(about)}`),
    ...others.map(([name, metrics]) => {
      const figures = Object.entries(metrics).map(
        ([metric, value]) => `${metric} ${Number(value.toPrecision(3))}`,
      );
      return `${name}: ${figures.join(", ")}`;
    }),
    aligned([
      ["target", "figure", "", ""],
      ...checks.map(({ case: name, metric, value, target, met }) => [
        `${name} ${metric}`,
        String(Number(value.toPrecision(3))),
        `${metric.startsWith("fraction") ? "at least" : "at most"} ${target}`,
        met ? "met" : "missed",
      ]),
    ]),
    "",
  ].join("\n\n");
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
