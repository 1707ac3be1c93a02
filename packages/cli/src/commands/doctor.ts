import { formatTable } from "@ligo/report";
import { examineMachine, type EngineReport, type MachineReport } from "@ligo/sdk";
import { jsonKeys } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import type { Terminal } from "../terminal/terminal.js";
import { printResult } from "./print-result.js";

/** `ligo doctor`. */
export async function doctor(call: Call, io: Terminal): Promise<void> {
  if (call.face.json !== true) io.stderr("Tries every engine, about a second each ...\n");
  const report = await examineMachine();
  const { variables, versions, ...rest } = report;
  // names of packages and of variables stay as they are
  const json = { ...(jsonKeys(rest) as object), versions, variables };
  printResult(call, io, json, describeMachineReport(report));
}

/** Columns that the report stays within. */
const WIDTH = 80;

/** A report in words, for a terminal of 80 columns. */
export function describeMachineReport(report: MachineReport): string {
  const { auto, engines } = report;
  const helps = new Set(engines.flatMap(({ help }) => help ?? []));
  const missing = [...helps].map((help) => {
    const names = engines.filter((engine) => engine.help === help).map(({ name }) => name);
    return `  ${names.join(", ")}\n${indented(help, "    ")}`;
  });
  return [
    engineTable(engines),
    "\n",
    wrapped(`auto takes ${auto.engine}. ${auto.reason}`, ""),
    missing.length === 0 ? "" : `\nTo bring what is missing:\n${missing.join("")}`,
    "\n",
    formatTable(placeRows(report)),
    "\nenv, to paste into a report of a fault:\n",
    environment(report),
  ].join("");
}

function engineTable(engines: readonly EngineReport[]): string {
  const speeds = engines.map(({ rate }) =>
    rate === undefined ? "-" : gflops(rate.flopsPerSecond),
  );
  const width = Math.max(...speeds.map(({ length }) => length), "GFLOP/s".length);
  const name = Math.max(...engines.map(({ name: { length } }) => length));
  const lines = engines.map((engine, index) => {
    const head = `${engine.name.padEnd(name)}  ${(speeds[index] ?? "").padStart(width)}  `;
    return wrapped(engine.says, " ".repeat(head.length), head);
  });
  return `${"engine".padEnd(name)}  ${"GFLOP/s".padStart(width)}  computes on, or why not\n${lines.join("")}`;
}

/** Billions of operations a second, to three digits. */
const gflops = (flops: number): string => {
  const value = flops / 1e9;
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
};

const gib = (bytes: number): string => `${Number((bytes / 2 ** 30).toFixed(1))} GiB`;

function placeRows({ caches: { models, tokens }, hub }: MachineReport): string[][] {
  const place = ({ exists, path }: { readonly exists: boolean; readonly path: string }): string =>
    `${path}${exists ? "" : " (not made yet)"}`;
  const access =
    "problem" in hub
      ? hub.problem
      : `${hub.endpoint}, ${hub.hasToken ? "access token set" : "no access token"}${hub.offline ? ", offline" : ""}`;
  return [
    ...(models === undefined ? [] : [["models", place(models)]]),
    ["tokens", place(tokens)],
    ["hub", access],
  ];
}

/** Facts of the machine, in a block that says all that a maintainer asks first. */
function environment(report: MachineReport): string {
  const { adapter, engines, graphics, memory, processor, system, variables, versions } = report;
  const vectors = processor.vectors === undefined ? "" : `, ${processor.vectors}`;
  const rows = [
    ["versions", listed(versions, " ")],
    ["system", system],
    ["processor", `${processor.model}, ${processor.cores} cores${vectors}`],
    ["memory", `${gib(memory.total)}, ${gib(memory.free)} free`],
    ["graphics", graphics.map(deviceText).join("; ") || "none seen"],
    ["adapter", adapter === null ? "none" : adapterText(adapter)],
    [
      "engines",
      engines
        .filter(({ works }) => works)
        .map(({ name }) => name)
        .join(", ") || "none",
    ],
    ["variables", listed(variables, "=") || "none"],
  ] as const;
  return rows.map(([name, text]) => wrapped(text, " ".repeat(13), `  ${name.padEnd(11)}`)).join("");
}

const listed = (entries: Readonly<Record<string, string>>, between: string): string =>
  Object.entries(entries)
    .map(([name, value]) => `${name}${between}${value}`)
    .join(", ");

function deviceText({ memoryBytes, name }: MachineReport["graphics"][number]): string {
  return memoryBytes === undefined ? name : `${name}, ${gib(memoryBytes)}`;
}

function adapterText(adapter: NonNullable<MachineReport["adapter"]>): string {
  const { backend, driver, halfPrecision, isSoftware, limits, name } = adapter;
  const { maxBindingBytes, maxBufferBytes, maxStorageBuffers } = limits;
  return [
    name,
    ...(isSoftware ? ["in software"] : []),
    driver === undefined ? backend : `${backend} by ${driver}`,
    ...(maxBufferBytes === undefined ? [] : [`buffers to ${gib(maxBufferBytes)}`]),
    ...(maxBindingBytes === undefined ? [] : [`bindings to ${gib(maxBindingBytes)}`]),
    ...(maxStorageBuffers === undefined ? [] : [`${maxStorageBuffers} buffers a shader`]),
    ...(halfPrecision === undefined ? [] : [halfPrecision ? "float16" : "no float16"]),
  ].join(", ");
}

/** Lines of a text, each broken at spaces; a line that begins with spaces, a command to type, stays whole. */
const indented = (text: string, indent: string): string =>
  text
    .split("\n")
    .map((line) => (line.startsWith(" ") ? `${indent}${line}\n` : wrapped(line, indent, indent)))
    .join("");

/** A text broken at spaces into lines of at most {@link WIDTH} columns, behind `head` and then behind `indent`. */
function wrapped(text: string, indent: string, head: string = indent): string {
  const lines: string[] = [];
  let line = head;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      [line, isEmpty] = [indent, true];
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].map((one) => `${one.trimEnd()}\n`).join("");
}
