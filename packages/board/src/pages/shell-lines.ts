import { shellWords } from "@ligo/report";
import { numberAt, textAt, type Json } from "../read/files.js";
import type { RunView } from "../read/run.js";

// Lines for a shell, in the words of the command line.

/** Lines that go on from where a run stands; none while it is under way. */
export function nextLines(run: RunView): readonly string[] {
  const { command, folder, isDiverged, settings, state } = run;
  if (state === "running") return [];
  const { data } = settings;
  const given: readonly unknown[] = Array.isArray(data) ? data : [];
  const texts = given.filter((one): one is string => typeof one === "string");
  if (isDiverged) return otherwise(run, texts).map(shellWords);
  if (state !== "finished") return [shellWords(["ligo", command, "--resume", folder])];
  const source = textAt(settings, "checkpoint");
  const lines: (readonly string[])[] = [];
  if (command === "grow" && source !== undefined) lines.push(["ligo", "verify", source, folder]);
  if (texts.length > 0) {
    const on =
      command === "grow"
        ? ["train", folder, "--data", ...texts, ...amounts(settings), "--out", `${folder}-trained`]
        : ["eval", folder, "--data", ...texts, ...amounts(settings)];
    lines.push(["ligo", ...on]);
  }
  return lines.map(shellWords);
}

/** A training that diverged, begun again at a third of the rate from its last checkpoint whose weights another step was taken with. */
function otherwise(
  { checkpoints, command, folder, metrics, settings }: RunView,
  texts: readonly string[],
): readonly (readonly string[])[] {
  const done = numberAt(metrics.last, "step") ?? 0;
  const last = checkpoints.findLast(({ step }) => step < done);
  const rate = numberAt(settings, "learning_rate");
  if (command !== "train" || last === undefined || rate === undefined) return [];
  const from = `${folder}/checkpoints/step-${last.step}`;
  const lower = String(Number((rate / 3).toPrecision(2)));
  const again = ["--data", ...texts, ...amounts(settings), "--lr", lower];
  return [["ligo", "train", from, ...again, "--out", `${folder}-again`]];
}

/** Flags of how much is read at once, as the run had them: others may not fit into memory, or into the model. */
function amounts(settings: Json): readonly string[] {
  const flags: readonly (readonly [flag: string, name: string])[] = [
    ["--batch", "batch"],
    ["--seq", "sequence"],
  ];
  return flags.flatMap(([flag, name]) => {
    const value = numberAt(settings, name);
    return value === undefined ? [] : [flag, String(value)];
  });
}

/** A line that begins a run in a folder, as an example. */
export const firstLine = (folder: string): string =>
  shellWords([
    "ligo",
    "grow",
    "small",
    "--to",
    "2x",
    "--data",
    "texts",
    "--out",
    `${folder}/large`,
  ]);
