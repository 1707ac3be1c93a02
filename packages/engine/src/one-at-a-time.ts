import { EngineError } from "./engine-error.js";
import type { CompiledProgram } from "./program.js";

/** Steps of a compiled program that do not overlap, and its end. */
export interface OneAtATime extends Pick<CompiledProgram, "run" | "dispose"> {
  readonly isDisposed: boolean;
}

/**
 * Guards a compiled program: throws `engine/disposed` and `engine/busy` instead of running a step after its end, or beside
 * another; releases it once.
 */
export function oneAtATime(run: CompiledProgram["run"], release: () => Promise<void>): OneAtATime {
  let running = false;
  let released: Promise<void> | undefined;
  return {
    get isDisposed() {
      return released !== undefined;
    },
    async run(inputs) {
      if (released)
        throw new EngineError(
          "engine/disposed",
          "This compiled program was disposed of; compile it again to run it.",
        );
      if (running)
        throw new EngineError(
          "engine/busy",
          "A compiled program runs one step at a time; await the one before.",
        );
      running = true;
      try {
        return await run(inputs);
      } finally {
        running = false;
      }
    },
    dispose: () => (released ??= release()),
  };
}
