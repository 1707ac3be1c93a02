import { formatBytes, formatCount, formatFlops, formatShape, formatTable } from "@ligo/report";
import { plan as planGrowth, type PlanReport } from "@ligo/sdk";
import type { PlanSettings } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import type { Terminal } from "../terminal/terminal.js";
import { handlesOf } from "../terminal/watch.js";
import { jsonKeys, printResult } from "./print-result.js";

/** `ligo plan`. */
export async function plan(call: Call, io: Terminal): Promise<void> {
  const [checkpoint = ""] = call.sources;
  // the library checks them
  const settings = call.settings as unknown as PlanSettings;
  const report = await planGrowth(checkpoint, { ...settings, ...handlesOf(call, io) });
  const { parameters: _both, ...json } = report;
  printResult(call, io, jsonKeys(json) as object, describe(report));
}

function describe(report: PlanReport): string {
  const { activations, source, target, step, memory, disk, operator } = report;
  const ratio = (target.parameters / source.parameters).toFixed(2);
  const layers = Object.keys(target.layers).map((name) => [
    `layers of ${name}`,
    formatCount(source.layers[name] ?? 0),
    formatCount(target.layers[name] ?? 0),
  ]);
  const spaces = report.spaces.map(({ name, from, to }) => [
    `space ${name}`,
    formatCount(from),
    formatCount(to),
  ]);
  const tensors = report.tensors.map((tensor) => [
    tensor.name,
    times(tensor.layers, tensor.shape),
    `${times(tensor.sourceLayers, tensor.sourceShape)}${tensor.source === tensor.name ? "" : ` ${tensor.source}`}`,
    [...new Set(tensor.maps.map((map) => map ?? "-"))].join(", ") +
      (tensor.depth === null ? "" : ", depth"),
  ]);
  return [
    `${report.checkpoint} (${report.architecture})\n\n`,
    formatTable([
      ["", "source", "target"],
      ["class", source.class, target.class],
      [
        "parameters",
        formatCount(source.parameters),
        `${formatCount(target.parameters)} (x ${ratio})`,
      ],
      ...layers,
      ...spaces,
      ...(report.to === undefined ? [] : [["config", "", JSON.stringify(report.to)]]),
      ...(report.layers === undefined ? [] : [["layers from", "", report.layers]]),
    ]),
    "\n",
    formatTable([["tensor", "target", "from", "maps"], ...tensors]),
    named("\ndropped (the target has no place for it)", report.dropped),
    named("\nnot read (copies, ties, buffers)", report.ignored),
    "\n",
    formatTable([
      ["a learning step", "order", "GFLOP planned / naive"],
      ...report.learning.products.map(({ parameter, order, flops, naiveFlops: naive }) => [
        parameter,
        order,
        `${giga(flops)} / ${giga(naive)}`,
      ]),
      ["attention", "", giga(report.learning.attentionFlops)],
      ["in all", "", saving(report.learning)],
    ]),
    "\n",
    formatTable([
      ["method", methodWords(report)],
      ["operator", `${formatCount(operator.learnableValues)} values to learn (${operator.form})`],
      [
        "one step",
        `${step.batch} x ${step.sequence} tokens: ${formatFlops(target.flops.training)} to train the target, ` +
          `${formatFlops(source.flops.training)} the source`,
      ],
      [
        "memory",
        `${formatBytes(memory.grow)} to grow, ${formatBytes(memory.learn)} to learn the operator, ` +
          `${formatBytes(memory.train)} to train the target`,
      ],
      [
        "activations",
        `about ${formatBytes(activations.kept)} a step, ${formatBytes(activations.recomputed)} with --checkpoint-activations`,
      ],
      [
        "disk",
        `${formatBytes(disk.weights)} of weights, ${formatBytes(disk.operator)} for the operator`,
      ],
    ]),
    "\n",
    formatTable(fittingRows(report)),
  ].join("");
}

/** What `ligo grow` takes where no method is named. */
function methodWords({ methods }: PlanReport): string {
  const { keepsFunction, withData, withoutData } = methods;
  const kept = keepsFunction ? "which keeps the function" : "as nothing keeps the function";
  return `${withoutData}, ${kept}; with --data a probe chooses among ${withData.join(", ")}`;
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
      `largest batch of ${step.sequence} tokens on`,
      ...devices.map(({ bytes }) => `${bytes / 1e9} GB`),
    ],
    row("to learn the operator", ({ learn }) => learn.kept),
    row(recomputed, ({ learn }) => learn.recomputed),
    row("to train the target", ({ train }) => train.kept),
    row(recomputed, ({ train }) => train.recomputed),
  ];
}

/** Billions of operations, to three digits. */
const giga = (flops: number): string => {
  const value = flops / 1e9;
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
};

function saving({ flops, naiveFlops: naive }: PlanReport["learning"]): string {
  return `${giga(flops)} / ${giga(naive)} (${(100 * (1 - flops / naive)).toFixed(0)} % saved)`;
}

function named(title: string, names: readonly string[]): string {
  return names.length === 0 ? "" : `${title}: ${names.join(", ")}\n`;
}

function times(layers: number, shape: readonly number[]): string {
  return layers === 1 ? formatShape(shape) : `${layers} x ${formatShape(shape)}`;
}
