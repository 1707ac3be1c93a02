import type { CompareEvent, CompareHandles } from "@ligo/compare";
import type { Call } from "../flags/given.js";
import { createDownloadProgress } from "./download-progress.js";
import { noteOf } from "./notes.js";
import { createProgress } from "./progress.js";
import type { Terminal } from "./terminal.js";

/** The handles of a call to the library: events are told on stderr, unless `--quiet`. */
export function handlesOf({ command, face }: Call, terminal: Terminal): CompareHandles {
  const { architectures, signal } = terminal;
  return {
    architectures,
    signal,
    ...(face.quiet === true ? {} : { onEvent: listener(command, terminal) }),
  };
}

function listener(command: string, terminal: Terminal): (event: CompareEvent) => void {
  const isComparison = command === "compare";
  // the end of each of its runs is a note
  const progress = createProgress(terminal, { keeps: !isComparison });
  const download = createDownloadProgress(terminal);
  let steps: number | undefined;
  let engine = "";
  return (event) => {
    switch (event.type) {
      case "step":
        ({ steps } = event);
        progress.step(event);
        return;
      case "progress":
        progress.step(event);
        return;
      case "phase":
        progress.phase(event.phase);
        return;
      case "download":
        download(event);
        return;
      case "engine":
        // a comparison computes on one engine, run by run
        if (engine === event.engine) return;
        engine = event.engine;
        break;
      case "evaluation":
        // the last evaluation is the result, and so is that of every run of a comparison
        if (isComparison || (event.of === "trained" && event.step === steps)) return;
        break;
      default:
    }
    const note = noteOf(event, command);
    if (note === undefined) return;
    terminal.note(event.type === "warning" ? [{ text: note, style: "warning" }] : note);
  };
}
