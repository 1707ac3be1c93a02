import type { Axis } from "@ligo/core";
import { inspectCheckpoint, type InspectResult } from "@ligo/sdk";
import type { CommandIo } from "../terminal/command-io.js";
import { formatCount, formatShape, formatTable } from "@ligo/report";
import { createDownloadReporter } from "../terminal/download-progress.js";
import { printResult } from "./print-result.js";

export interface InspectFlags {
  readonly draft?: boolean;
  readonly architecture?: string;
  readonly json?: boolean;
}

/** `ligo inspect`. The drafted `layout.ts` goes to stdout, so that it can be redirected into a file. */
export async function inspect(
  checkpoint: string,
  flags: InspectFlags,
  io: CommandIo,
): Promise<void> {
  const result = await inspectCheckpoint({
    checkpoint,
    draft: flags.draft,
    architecture: flags.architecture,
    architectures: io.architectures,
    downloads: createDownloadReporter(io, false),
    signal: io.signal,
  });
  printResult(
    io,
    flags,
    result,
    result.kind === "layout" ? describeLayout(result) : describeDraft(result),
  );
  if (flags.json !== true && result.kind === "draft") io.stdout(result.source);
}

const axisText = ({ space, role }: Axis): string =>
  `${typeof space === "string" ? space : space.join("+")}:${role}`;

function describeLayout(result: Extract<InspectResult, { kind: "layout" }>): string {
  const spaces = Object.entries(result.spaces).map(([name, { size, grows, scope, unit }]) => [
    name,
    formatCount(size),
    grows ? (scope === "layer" ? "grows, a map per layer" : "grows, one map") : "fixed",
    unit === undefined ? "" : `heads of ${unit}`,
  ]);
  const stacks = Object.entries(result.stacks).map(([name, { layers, norm }]) => [
    name,
    `${layers} layers`,
    `${norm}-norm`,
  ]);
  const parameters = result.parameters.map((parameter) => [
    parameter.name,
    formatShape(parameter.shape),
    parameter.axes.map(axisText).join(", "),
    [
      ...(parameter.tied_to === null ? [] : [`tied to ${parameter.tied_to}`]),
      ...(parameter.copy_of === null ? [] : [`copy of ${parameter.copy_of}`]),
      ...(parameter.readout ? ["before a tied readout"] : []),
    ].join(", "),
  ]);
  const ignored = result.ignored.length === 0 ? "" : `\nnot read: ${result.ignored.join(", ")}\n`;
  return [
    `${result.checkpoint}: ${result.class} (${result.architecture})\n\n`,
    formatTable([["space", "size", "", ""], ...spaces]),
    "\n",
    formatTable([["stack", "", ""], ...stacks]),
    "\n",
    formatTable([["parameter", "shape", "axes", ""], ...parameters]),
    ignored,
  ].join("");
}

function describeDraft({ draft, ...result }: Extract<InspectResult, { kind: "draft" }>): string {
  const parameters = draft.parameters.map(({ name, shape, axes }) => [
    name,
    formatShape(shape),
    axes
      .map((axis) => `${axisText(axis)}${{ sure: "", guess: "?", unknown: "??" }[axis.certainty]}`)
      .join(", "),
  ]);
  const stacks = draft.stacks.map(({ name, layers, norm, key }) => [
    name,
    `${layers} layers`,
    key ?? "??",
    norm === undefined ? "norms: ??" : `${norm}-norm`,
  ]);
  return [
    `${result.checkpoint}: ${result.class} (${result.architecture}), for which no architecture is used: a draft.\n`,
    "? is a guess, ?? is unknown.\n\n",
    formatTable([["stack", "", "", ""], ...stacks]),
    "\n",
    formatTable([["parameter", "shape", "axes"], ...parameters]),
    draft.buffers.length === 0 ? "" : `\nbuffers: ${draft.buffers.join(", ")}\n`,
    draft.open.length === 0
      ? ""
      : `\nto settle by hand:\n${draft.open.map((one) => `- ${one}\n`).join("")}`,
    "\n",
  ].join("");
}
