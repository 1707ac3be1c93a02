import type { Axis } from "@ligo/core";
import { formatCount, formatShape, formatTable } from "@ligo/report";
import { inspect as inspectModel, type InspectResult } from "@ligo/sdk";
import { jsonKeys } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import type { Terminal } from "../terminal/terminal.js";
import { handlesOf } from "../terminal/watch.js";
import { printResult } from "./print-result.js";

/** `ligo inspect`. A draft sends its `layout.ts` alone to stdout, so that it can be redirected into a file. */
export async function inspect(call: Call, io: Terminal): Promise<void> {
  const [checkpoint = ""] = call.sources;
  const result = await inspectModel(checkpoint, { ...call.settings, ...handlesOf(call, io) });
  if (result.kind === "layout") {
    const json = { ...result, parameters: jsonKeys(result.parameters) };
    printResult(call, io, json, describeLayout(result));
    return;
  }
  if (call.face.json !== true) io.stderr(describeDraft(result));
  printResult(call, io, result, result.source);
}

const axisText = ({ interleavedBy, space, role }: Axis): string =>
  `${typeof space === "string" ? space : space.join("+")}:${role}` +
  (interleavedBy === undefined ? "" : ` by ${interleavedBy}`);

/** `kvHead 2 x group 3 x channel 4`. */
const factorsText = (
  factors: readonly { readonly name: string; readonly size: number }[],
): string => factors.map((factor) => `${factor.name} ${factor.size}`).join(" x ");

function describeLayout(result: Extract<InspectResult, { kind: "layout" }>): string {
  const spaces = Object.entries(result.spaces).map(
    ([name, { size, grows, scope, factors = [] }]) => [
      name,
      formatCount(size),
      grows ? (scope === "layer" ? "grows, a map per layer" : "grows, one map") : "fixed",
      factorsText(factors),
    ],
  );
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
      ...(parameter.tiedTo === null ? [] : [`tied to ${parameter.tiedTo}`]),
      ...(parameter.copyOf === null ? [] : [`copy of ${parameter.copyOf}`]),
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
  const spaces = draft.spaces.map(({ expression, factors = [], name, size }) => [
    name,
    formatCount(size),
    factors.length > 0 ? factorsText(factors) : (expression ?? "??"),
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
    formatTable([["space", "size", ""], ...spaces]),
    "\n",
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
