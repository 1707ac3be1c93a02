import { checkInputs, checkNames, checkWritten } from "./check-values.js";
import { EngineError } from "./engine-error.js";
import type { CompiledProgram, Program, ProgramValues } from "./program.js";

/** What an engine does with a program, once what was asked for is checked. */
export interface UncheckedProgram extends Pick<CompiledProgram, "run" | "dispose"> {
  read(names: readonly string[]): Promise<Readonly<Record<string, Float32Array>>>;
  write(values: Partial<ProgramValues>): Promise<void>;
}

/** Reading and writing where the caller's arrays are the only memory. */
export function inCallersArrays(values: ProgramValues): Pick<UncheckedProgram, "read" | "write"> {
  return {
    async read(names) {
      return Object.fromEntries(names.map((name) => [name, values.state[name] as Float32Array]));
    },
    async write(given) {
      for (const kind of ["state", "frozen"] as const) {
        for (const [name, numbers] of Object.entries(given[kind] ?? {})) {
          const own = values[kind][name] as Float32Array;
          if (own !== numbers) own.set(numbers);
        }
      }
    },
  };
}

/**
 * Guards a program: what it is asked for is checked; steps and writes run alone, readings beside other readings; it is
 * disposed of once.
 */
export function oneAtATime(
  program: Program,
  unchecked: UncheckedProgram,
): Omit<CompiledProgram, "info"> {
  let changing = false;
  let readings = 0;
  let disposed: Promise<void> | undefined;
  const checkFree = (isFree: boolean): void => {
    if (disposed)
      throw new EngineError(
        "engine/disposed",
        "This compiled program was disposed of; compile it again to use it.",
      );
    if (!isFree)
      throw new EngineError(
        "engine/busy",
        "A compiled program runs one step at a time, and is read and written to between steps; await the call before.",
      );
  };
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    checkFree(!changing && readings === 0);
    changing = true;
    try {
      return await work();
    } finally {
      changing = false;
    }
  };
  return {
    async read(names = Object.keys(program.state)) {
      checkFree(!changing);
      checkNames("state", program.state, names);
      readings += 1;
      try {
        return await unchecked.read(names);
      } finally {
        readings -= 1;
      }
    },
    async write(values) {
      await alone(async () => {
        checkWritten(program, values);
        await unchecked.write(values);
      });
    },
    async run(inputs) {
      return alone(async () => {
        checkInputs(program, inputs);
        return unchecked.run(inputs);
      });
    },
    dispose: () => (disposed ??= unchecked.dispose()),
  };
}
