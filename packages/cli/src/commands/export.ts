import { formatCount, formatTable } from "@ligo/report";
import { exportLearning as exported } from "@ligo/sdk";
import { jsonKeys, type ExportLearningSettings } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import { shellWords } from "../flags/shell-words.js";
import type { Terminal } from "../terminal/terminal.js";
import { handlesOf } from "../terminal/watch.js";
import { printResult } from "./print-result.js";

/** `ligo export`. */
export async function exportLearning(call: Call, io: Terminal): Promise<void> {
  const [checkpoint = ""] = call.sources;
  // the library checks them
  const settings = call.settings as unknown as ExportLearningSettings;
  const written = await exported(checkpoint, { ...settings, ...handlesOf(call, io) });
  const { dumped, files, learnableValues, method, out, steps } = written;
  const next = shellWords(["python", "learn-operator.py", out, "--source", checkpoint]);
  const rows = [
    ["written", `${out} (${files.join(", ")})`],
    ["operator", `${formatCount(learnableValues)} values to learn in ${steps} steps (${method})`],
    ...(dumped === 0 ? [] : [["computed here", `${dumped} steps, to hold others against`]]),
  ];
  const words = `${formatTable(rows)}next, with examples/learn-operator.py:\n  ${next}\n`;
  printResult(call, io, jsonKeys({ ...written, next }) as object, words);
}
