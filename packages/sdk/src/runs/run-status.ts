import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@ligo/checkpoint";
import { LigoError } from "@ligo/core";
import type { ModelSize } from "@ligo/core/cost";
import type { GrowthLosses } from "../growth/growth-losses.js";

/** Name of the file that says how a run stands which has not come to its end; with the end it is removed. */
export const STATUS_NAME = "status.json";

/** Facts that are known before the first step of a run. */
export interface RunFacts {
  /** Losses on held-out data before learning. */
  readonly losses?: GrowthLosses;
  /** Sizes of the source, where the model is grown, and of the model that the run makes. */
  readonly sizes?: { readonly source?: ModelSize; readonly target: ModelSize };
}

/** The end of a run that did not come to its own. */
export interface RunFailure {
  /** Code of the error; `run/interrupted` of a run that a signal stopped. */
  readonly code: string;
  readonly message: string;
  /** ISO 8601. */
  readonly at: string;
}

/** How a run stands. */
export interface RunStatus extends RunFacts {
  readonly format: "ligo.status";
  readonly format_version: 1;
  /** When it was begun or taken up again, as ISO 8601. */
  readonly begun: string;
  /** Seconds spent before the first step, by what they were spent on. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Present where it was stopped by an error or a signal. */
  readonly ended?: RunFailure;
}

/** Writes how a run stands. A run does not end because those who watch it cannot be told. */
async function write(folder: string, status: RunStatus): Promise<void> {
  const text = `${JSON.stringify(status, undefined, 2)}\n`;
  await writeFileAtomically(join(folder, STATUS_NAME), text).catch(() => undefined);
}

/** Says how a run stands to whoever looks into its folder. */
export interface StatusFile {
  /** Notes the error that ends the run; `interrupted` where a signal did. */
  end(error: unknown, interrupted: boolean): Promise<void>;
  /** The run came to its end: its record says all. */
  remove(): Promise<void>;
}

/** Begins the status of a run. */
export async function beginStatus(
  folder: string,
  facts: RunFacts,
  seconds: RunStatus["seconds"],
): Promise<StatusFile> {
  const status: RunStatus = {
    format: "ligo.status",
    format_version: 1,
    begun: new Date().toISOString(),
    seconds: { ...seconds },
    ...facts,
  };
  await write(folder, status);
  return {
    async end(error, interrupted) {
      const isOurs = LigoError.isInstance(error);
      const code = isOurs ? error.code : interrupted ? "run/interrupted" : "run/failed";
      const message = error instanceof Error ? error.message : String(error);
      await write(folder, { ...status, ended: { code, message, at: new Date().toISOString() } });
    },
    remove: () => rm(join(folder, STATUS_NAME), { force: true }),
  };
}

/** The status of a run; `undefined` where there is none that can be read. */
export async function readStatus(folder: string): Promise<RunStatus | undefined> {
  try {
    const status = JSON.parse(await readFile(join(folder, STATUS_NAME), "utf8")) as RunStatus;
    return status.format === "ligo.status" ? status : undefined;
  } catch {
    return undefined;
  }
}
