import type { Handles, LigoEvent } from "@ligo/sdk";
import type { CommandIo } from "./command-io.js";
import { createDownloadProgress } from "./download-progress.js";
import { noteOf } from "./notes.js";
import { createProgress } from "./progress.js";

/** The handles of a call to the library: events are told on stderr, unless `quiet`. */
export function handlesOf(io: CommandIo, quiet: boolean = false): Handles {
  const { architectures, signal } = io;
  return { architectures, signal, ...(quiet ? {} : { onEvent: listener(io) }) };
}

function listener(io: CommandIo): (event: LigoEvent) => void {
  const progress = createProgress(io);
  const download = createDownloadProgress(io);
  return (event) => {
    if (event.type === "step") progress.step(event);
    else if (event.type === "download") download(event);
    else {
      const note = noteOf(event);
      if (note !== undefined) progress.note(note);
    }
  };
}
