import { shellWords } from "@ligo/report";
import { textAt } from "../read/files.js";
import type { RunView } from "../read/run.js";

// Lines for a shell, in the words of the command line.

/** Lines that go on from where a run stands; none while it is under way. */
export function nextLines({ command, folder, settings, state }: RunView): readonly string[] {
  if (state === "running") return [];
  if (state !== "finished") return [shellWords(["ligo", command, "--resume", folder])];
  const { data } = settings;
  const given: readonly unknown[] = Array.isArray(data) ? data : [];
  const texts = given.filter((one): one is string => typeof one === "string");
  const source = textAt(settings, "checkpoint");
  const lines: (readonly string[])[] = [];
  if (command === "grow" && source !== undefined) lines.push(["ligo", "verify", source, folder]);
  if (texts.length > 0) {
    const on =
      command === "grow"
        ? ["train", folder, "--data", ...texts, "--out", `${folder}-trained`]
        : ["eval", folder, "--data", ...texts];
    lines.push(["ligo", ...on]);
  }
  return lines.map(shellWords);
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
