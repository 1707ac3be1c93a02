import type { CompareEvent, CompareHandles } from "@ligo/compare";
import type { Call } from "../flags/given.js";
import type { CommandIo } from "./command-io.js";
import { createDownloadProgress } from "./download-progress.js";
import { noteOf } from "./notes.js";
import { createProgress } from "./progress.js";

/** The handles of a call to the library: events are told on stderr, unless `--quiet`. */
export function handlesOf({ command, face }: Call, io: CommandIo): CompareHandles {
  const { architectures, signal } = io;
  return {
    architectures,
    signal,
    ...(face.quiet === true ? {} : { onEvent: listener(command, io) }),
  };
}

function listener(command: string, io: CommandIo): (event: CompareEvent) => void {
  const progress = createProgress(io);
  const download = createDownloadProgress(io);
  let steps = 0;
  let engine = "";
  return (event) => {
    if (event.type === "step") {
      if (event.phase !== "evaluate") steps = event.steps;
      progress.step(event);
      return;
    }
    if (event.type === "download") {
      download(event);
      return;
    }
    // a comparison computes on one engine, run by run
    if (event.type === "engine") {
      if (engine === event.engine) return;
      engine = event.engine;
    }
    // the last evaluation is the result
    if (event.type === "evaluation" && event.step >= steps) return;
    const note = noteOf(event, command);
    if (note !== undefined) progress.note(note);
  };
}
