import { formatBytes, formatCount, formatFlops, formatSeconds, formatTable } from "@ligo/report";
import type { EngineSpeed, PlanReport } from "@ligo/sdk";
import { COMMAND_FLAGS } from "../flags/flags.generated.js";
import { methodName } from "../terminal/method-name.js";
import { rowWords } from "../terminal/row-words.js";
import { speedWords } from "./times.js";

/** Names of spaces that most models have, in words. */
const WIDTHS: Readonly<Record<string, string>> = {
  embed: "width",
  attention: "width of attention",
  mlp: "width of the MLP",
};

/** A plan for people: sizes of both models, memory, disk, and the time that it takes on this machine. */
export function describePlan(report: PlanReport, speed: EngineSpeed | undefined): string {
  const dropped = report.dropped.join(", ");
  return [
    `${report.checkpoint} (${report.architecture})\n\n`,
    formatTable(sizeRows(report)),
    report.to === undefined ? "" : `\nconfig: ${JSON.stringify(report.to)}\n`,
    dropped === "" ? "" : `\nleft out, as the target has no place for it: ${dropped}\n`,
    "\n",
    formatTable(costRows(report, speed)),
    "\n",
    formatTable(fittingRows(report)),
  ].join("");
}

function sizeRows(report: PlanReport): readonly (readonly string[])[] {
  const { source, target } = report;
  const stacks = Object.keys(target.layers);
  const layers = stacks.map((name) => [
    stacks.length === 1 ? "layers" : `layers of ${name}`,
    formatCount(source.layers[name] ?? 0),
    formatCount(target.layers[name] ?? 0),
  ]);
  const widths = widthsOf(report).map(({ from, name, to }) => [
    WIDTHS[name] ?? `width of ${name}`,
    formatCount(from),
    formatCount(to),
  ]);
  const ratio = (target.parameters / source.parameters).toFixed(2);
  return [
    ["", "source", "target"],
    ["class", source.class, target.class],
    ...layers,
    ...widths,
    ...report.rows.map((one) => [one.of, "", rowWords(one)]),
    [
      "parameters",
      formatCount(source.parameters),
      `${formatCount(target.parameters)} (x ${ratio})`,
    ],
    ...(report.layers === undefined ? [] : [["layers from", "", report.layers]]),
  ];
}

/** Spaces of attention, which most models give one size. */
const ATTENTION: ReadonlySet<string> = new Set(["query", "key", "value", "context"]);

/** The spaces that grow, those of attention as one where they are of one size, tables with other rows left out. */
function widthsOf({ rows, spaces }: PlanReport): PlanReport["spaces"] {
  const tables = new Set<string>(rows.map(({ space }) => space));
  const widths = spaces.filter(
    ({ from, name, to }) => !tables.has(name) && (from !== to || name in WIDTHS),
  );
  const [first, ...others] = widths.filter(({ name }) => ATTENTION.has(name));
  if (first === undefined) return widths;
  if (others.some(({ from, to }) => from !== first.from || to !== first.to)) return widths;
  return widths.flatMap((one) => {
    if (one === first) return [{ ...first, name: "attention" }];
    return ATTENTION.has(one.name) ? [] : [one];
  });
}

function costRows(
  report: PlanReport,
  speed: EngineSpeed | undefined,
): readonly (readonly string[])[] {
  const { activations, disk, memory, step } = report;
  return [
    ["method", methodWords(report)],
    [
      "memory",
      `${formatBytes(memory.grow)} to grow, ${formatBytes(memory.learn)} to learn how, ${formatBytes(memory.train)} to train on`,
    ],
    [
      "",
      `and for steps of ${step.batch} x ${step.sequence} tokens ${formatBytes(activations.kept)} more, or ${formatBytes(activations.recomputed)}`,
    ],
    ["", "with --checkpoint-activations"],
    ["disk", `${formatBytes(disk.weights)}, and ${formatBytes(disk.operator)} for the operator`],
    ...timeRows(report, speed),
  ];
}

/** Defaults of the numbers of steps. */
const STEPS = { learn: stepsOf("grow"), train: stepsOf("train") };

function stepsOf(command: string): number {
  return Number(COMMAND_FLAGS[command]?.defaults["steps"]);
}

function timeRows(
  { learning, target }: PlanReport,
  speed: EngineSpeed | undefined,
): readonly (readonly string[])[] {
  const learn = STEPS.learn * learning.flops;
  const train = STEPS.train * target.flops.training;
  if (speed === undefined)
    return [
      ["work", `${formatFlops(learn)} for ${STEPS.learn} steps of learning how`],
      ["", `${formatFlops(train)} for ${formatCount(STEPS.train)} steps of training`],
    ];
  const time = (flops: number): string => `about ${formatSeconds(flops / speed.flopsPerSecond)}`;
  return [
    ["time here", `${time(learn)} for ${STEPS.learn} steps of learning how`],
    ["", `${time(train)} for ${formatCount(STEPS.train)} steps of training on`],
    ["", `at the ${speedWords(speed)}`],
  ];
}

/** Methods of `ligo grow` where none is named. */
function methodWords({ methods }: PlanReport): string {
  const { keepsFunction, withData, withoutData } = methods;
  const kept = keepsFunction ? "which keeps the function" : "as nothing keeps the function";
  return `${withoutData}, ${kept}; with --data the better of ${withData.map(methodName).join(" and ")}`;
}

/** The largest batches that fit devices, a column for each. */
function fittingRows({ devices, step }: PlanReport): readonly (readonly string[])[] {
  const row = (
    title: string,
    batch: (device: PlanReport["devices"][number]) => number,
  ): readonly string[] => [
    title,
    ...devices.map((device) => (batch(device) === 0 ? "-" : formatCount(batch(device)))),
  ];
  const recomputed = "  with --checkpoint-activations";
  return [
    [
      `largest batch of ${step.sequence} tokens on a GPU of`,
      ...devices.map(({ bytes }) => `${bytes / 1e9} GB`),
    ],
    row("to learn the operator", ({ learn }) => learn.kept),
    row(recomputed, ({ learn }) => learn.recomputed),
    row("to train the target", ({ train }) => train.kept),
    row(recomputed, ({ train }) => train.recomputed),
  ];
}
