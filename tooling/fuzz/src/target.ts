import type { Input } from "./input.js";
import type { Changing } from "./mutate/mutate.js";

/** What reads one kind of files. */
export interface Target extends Changing {
  readonly name: string;
  /** Share of the inputs it gets, among all targets: many where a reading is quick. */
  readonly weight: number;
  /**
   * Makes whole inputs with the program's own writers, and in the folder `material` whatever else its reader needs, once for
   * all processes.
   */
  prepare(material: string): Promise<readonly Input[]>;
  /** Opens a reader, once a process. */
  open(material: string): Promise<Reader>;
}

export interface Reader {
  /**
   * Reads the input in a folder and returns what was read, as JSON. It throws the reader's own error where that refuses it, and
   * {@link WrongAccept} where something was accepted that cannot be right.
   */
  read(folder: string): Promise<unknown>;
  close?(): Promise<void>;
}

/** Something was accepted that is not so. */
export class WrongAccept extends Error {}

/** Throws {@link WrongAccept} where something does not hold. */
export function holds(condition: boolean, says: () => string): void {
  if (!condition) throw new WrongAccept(says());
}

/** The target of a name. Throws where there is none. */
export function targetNamed(targets: readonly Target[], name: string): Target {
  const found = targets.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = targets.map((one) => one.name).join(", ");
  throw new Error(`There is no target ${name}; there are ${names}.`);
}
