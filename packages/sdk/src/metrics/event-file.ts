import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { encodeEvent, frameRecord, type Event } from "./event.js";
import { createGrowingFile } from "./growing-file.js";

/** An append-only TensorBoard event file. */
export interface EventFile {
  readonly path: string;
  /**
   * Adds scalars by tag, after `step` updates. They are in the file when this is done. Where the system refuses, its error is
   * thrown, and they are written with the next ones.
   */
  append(step: number, values: Readonly<Record<string, number>>): Promise<void>;
  close(): Promise<void>;
}

export interface EventFileOptions {
  /**
   * Updates done, where a run goes on: what earlier files of the folder say of later updates no longer counts, as they are
   * done again. Default: the run is new.
   */
  readonly resumedAt?: number | undefined;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
}

const NAME = /^events\.out\.tfevents\.(\d{10})\./u;

/**
 * Opens a new event file in a folder. TensorBoard reads the files of a folder in the order of their names, which start with
 * a time: the new file gets one that is later than all others.
 */
export async function openEventFile(
  folder: string,
  { resumedAt, now = Date.now }: EventFileOptions = {},
): Promise<EventFile> {
  const others = (await readdir(folder)).map((name) => Number(NAME.exec(name)?.[1] ?? 0));
  const time = Math.max(Math.floor(now() / 1000), ...others.map((other) => other + 1));
  const path = join(folder, `events.out.tfevents.${String(time).padStart(10, "0")}.ligo`);
  const handle = await open(path, "ax");
  const file = createGrowingFile(handle, 0);
  const write = async (event: Omit<Event, "wallTime">): Promise<void> => {
    await file.append(frameRecord(encodeEvent({ wallTime: now() / 1000, ...event })));
  };
  try {
    await write({ fileVersion: "brain.Event:2", writer: "ligo" });
    // in a run's first file too: TensorBoard takes the first start it sees for no restart
    await write({ step: resumedAt === undefined ? 0 : resumedAt + 1, start: true });
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    path,
    append: (step, values) => write({ step, values }),
    close: () => handle.close(),
  };
}
