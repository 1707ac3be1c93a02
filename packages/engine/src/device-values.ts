import type { DeviceArray, DeviceMemory } from "./device-memory.js";
import { oneAtATime, type UncheckedProgram } from "./one-at-a-time.js";
import type { CompiledProgram, Numbers, Program, ProgramValues, TensorSpecs } from "./program.js";

/** The copies that a step reads, by name. They may have the shape of another program that uses the same array. */
export interface HeldCopies<T> {
  readonly state: Readonly<Record<string, T>>;
  readonly frozen: Readonly<Record<string, T>>;
}

/** A program whose state lies on a device. */
export interface DeviceProgram<T> {
  readonly memory: DeviceMemory<T>;
  readonly program: Program;
  readonly values: ProgramValues;
  /** Names of frozen tensors that it takes in float16. Default none. */
  readonly halves?: ReadonlySet<string>;
  /** One step on the device: what it left there, to be kept as the new state, and what came back. */
  readonly step: (
    held: HeldCopies<T>,
    inputs: Readonly<Record<string, Numbers>>,
  ) => Promise<{
    readonly next: Readonly<Record<string, T>>;
    readonly results: Record<string, Numbers>;
  }>;
  /** Frees what was compiled. */
  readonly end?: () => Promise<void>;
}

/** Runs a program in memory that programs of a device share. */
export function onDevice<T>({
  memory,
  program,
  values,
  halves,
  step,
  end,
}: DeviceProgram<T>): Omit<CompiledProgram, "info"> {
  const own = deviceValues(memory, program, values, halves);
  return oneAtATime(program, {
    read: (names) => own.read(names),
    write: (written) => own.write(written),
    run: (inputs) =>
      memory.exclusive(async () => {
        const { next, results } = await step(await own.copies(), inputs);
        own.keep(next);
        return results;
      }),
    dispose: () =>
      memory.exclusive(async () => {
        own.release();
        await end?.();
      }),
  });
}

/** A program's state and frozen tensors on a device. `copies`, `keep` and `release` are for use inside `exclusive`. */
export interface DeviceValues<T> extends Pick<UncheckedProgram, "read" | "write"> {
  copies(): Promise<HeldCopies<T>>;
  /** Makes what a step returned the new state. */
  keep(state: Readonly<Record<string, T>>): void;
  /** Ends the program's use of them. */
  release(): void;
}

/**
 * Ties a program's values to memory that programs of a device share.
 *
 * @param halves names of frozen tensors that it takes in float16
 */
export function deviceValues<T>(
  memory: DeviceMemory<T>,
  program: Program,
  values: ProgramValues,
  halves: ReadonlySet<string> = new Set(),
): DeviceValues<T> {
  const use = (
    specs: TensorSpecs,
    arrays: ProgramValues["state"],
  ): Readonly<Record<string, DeviceArray<T>>> =>
    Object.fromEntries(
      Object.keys(specs).map((name) => [name, memory.use(arrays[name] as Float32Array)]),
    );
  const held = {
    state: use(program.state, values.state),
    frozen: use(program.frozen, values.frozen),
  };
  const copiesOf = async (kind: "state" | "frozen"): Promise<Record<string, T>> => {
    const copies: Record<string, T> = {};
    for (const [name, { shape }] of Object.entries(program[kind])) {
      const type = kind === "frozen" && halves.has(name) ? "float16" : "float32";
      copies[name] = await (held[kind][name] as DeviceArray<T>).copy(shape, type);
    }
    return copies;
  };
  return {
    copies: async () => ({ state: await copiesOf("state"), frozen: await copiesOf("frozen") }),
    keep(state) {
      for (const [name, copy] of Object.entries(state)) held.state[name]?.keep(copy);
    },
    read: (names) =>
      memory.exclusive(async () => {
        const arrays: Record<string, Float32Array> = {};
        for (const name of names) arrays[name] = await (held.state[name] as DeviceArray<T>).read();
        return arrays;
      }),
    write: (given) =>
      memory.exclusive(() => {
        for (const kind of ["state", "frozen"] as const) {
          for (const [name, numbers] of Object.entries(given[kind] ?? {}))
            held[kind][name]?.write(numbers);
        }
      }),
    release() {
      for (const array of [...Object.values(held.state), ...Object.values(held.frozen)])
        array.release();
    },
  };
}
