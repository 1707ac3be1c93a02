import { join } from "node:path";
import { formatBytes, formatCount, formatFlops, formatTable } from "@ligo/report";
import { layersText } from "@ligo/core/methods";
import { grow as growModel, type GrownModel } from "@ligo/sdk";
import { growSettings, readRecipeFile, type GrowSettings } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import { inFlags } from "../flags/in-flags.js";
import { settingWords } from "../flags/setting-words.js";
import { shellWords } from "../flags/shell-words.js";
import { rowWords } from "../terminal/row-words.js";
import type { Terminal } from "../terminal/terminal.js";
import { judgedWords } from "../terminal/judged-words.js";
import { handlesOf } from "../terminal/watch.js";
import { factsOf, printResult } from "./print-result.js";
import { resumedRun, runCall } from "./run-call.js";
import { times } from "./times.js";

/** `ligo grow`. */
export async function grow(call: Call, io: Terminal): Promise<void> {
  const handles = handlesOf(call, io);
  const { resume } = call.face;
  if (typeof resume === "string") {
    const grown = (await resumedRun(call, resume, handles)) as GrownModel;
    const { settings } = await readRecipeFile(
      join(resume, "recipe.json"),
      growSettings,
      call.settings,
    );
    return tell(call, io, grown, settings);
  }
  const { from, given } = await runCall(call, growSettings);
  return tell(call, io, await growModel(from, { ...given, ...handles }), given);
}

const FACTS = [
  "out",
  "method",
  "to",
  "keepsFunction",
  "reasons",
  "parameters",
  "rows",
  "carriedMoments",
  "objective",
  "losses",
  "probe",
  "seconds",
  "flops",
  "peakMemoryBytes",
  "files",
  "bytes",
] as const;

function tell(call: Call, io: Terminal, grown: GrownModel, given: Partial<GrowSettings>): void {
  const next = nextCommand(grown.out ?? "", given);
  const words = [`${describe(grown)}next:\n  `, { text: next, style: "command" }, "\n"] as const;
  const { layers } = grown.plan ?? {};
  const listed = layers === undefined ? {} : { layers: layersText(layers) };
  printResult(call, io, { ...factsOf(grown, FACTS), ...listed, next }, words);
}

function describe(grown: GrownModel): string {
  const { bytes, files, flops, keepsFunction, losses, parameters, plan, reasons, seconds } = grown;
  const hasTokens = grown.rows.some(({ added, of }) => of === "tokens" && added > 0);
  const kept = hasTokens ? "kept, on the tokens of the source" : "kept";
  // only what learns has operations
  const changed = flops === null ? "not kept" : "not kept, as expected of learning";
  const loss = (value: number | undefined): string => value?.toFixed(4) ?? "-";
  const rows = [
    ["grown", `${grown.out} (${grown.method})`],
    ["parameters", `${formatCount(parameters.source)} -> ${formatCount(parameters.target)}`],
    ...grown.rows.map((one) => [one.of, rowWords(one)]),
    ...(grown.to === undefined ? [] : [["config", JSON.stringify(grown.to)]]),
    ...(plan?.layers === undefined ? [] : [["layers", layersText(plan.layers)]]),
    ["function", keepsFunction ? kept : `${changed}: ${inFlags(reasons.join("; "), "grow")}`],
    ...momentWords(grown),
    ["written", `${formatBytes(bytes)} of weights, ${files.length} files`],
    ["time", times(seconds)],
    ["peak memory", formatBytes(grown.peakMemoryBytes)],
  ];
  if (flops !== null) rows.push(["learning", formatFlops(flops)]);
  if (losses.grown !== undefined) {
    const start = losses.start === undefined ? "" : `, ${loss(losses.start)} grown before learning`;
    const found = `${loss(losses.small)} small${start}, ${loss(losses.grown)} grown`;
    rows.push(["held-out loss", `${found}${judgedWords(losses.judged, ", ")}`]);
  }
  return formatTable(rows);
}

function momentWords({ carriedMoments: taken }: GrownModel): readonly (readonly string[])[] {
  if (taken === undefined) return [];
  const { entries, of, optimizer, step } = taken;
  const share = `${formatCount(entries)} of ${formatCount(of)} entries`;
  return [["moments", `${share}, of ${optimizer} after ${step} updates`]];
}

/** Settings of a growth that training on takes over, where they are not its defaults. */
const TAKEN_OVER = ["textColumn", "batch", "sequence"] as const;

/** The line that trains a grown checkpoint on. */
function nextCommand(out: string, given: Partial<GrowSettings>): string {
  const folder = out.replace(/(?<=.)\/+$/u, "");
  const { data } = given;
  const words = data === undefined ? "--data <files>" : shellWords(settingWords("train", { data }));
  const others = Object.fromEntries(TAKEN_OVER.map((name) => [name, given[name]]));
  const rest = ["--out", `${folder}-trained`, ...settingWords("train", others)];
  return `${shellWords(["ligo", "train", folder])} ${words} ${shellWords(rest)}`;
}
