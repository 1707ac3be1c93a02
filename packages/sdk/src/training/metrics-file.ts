import { createHash, type Hash } from "node:crypto";
import { existsSync } from "node:fs";
import { open, readFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { writeFailure } from "@ligo/checkpoint";
import { createGrowingFile } from "../metrics/growing-file.js";
import type { Pace } from "../watch-steps.js";
import { RunError } from "../runs/run-error.js";

/** Name of the metrics in a run folder. */
export const METRICS_NAME = "metrics.jsonl";

/** A point of a metrics file: how long it was, and the SHA-256 of what it held. */
export interface MetricsMark {
  readonly bytes: number;
  readonly sha256: string;
  /** Lines that were still to be written, where the disk had refused them. */
  readonly waiting?: string;
}

/** An append-only file of JSON lines. Where it cannot be written, its lines wait in memory until it can. */
export interface MetricsFile {
  append(line: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * Makes sure that all lines so far have reached the disk, and says where the file stands.
   *
   * @param isLast whether the run is over, so that lines that still wait are lost
   */
  mark(isLast?: boolean): Promise<MetricsMark>;
  close(): Promise<void>;
}

/** Is told of a file that cannot be written, and whether lines of it are lost by that. */
export type OnUnwritten = (file: string, error: unknown, lost: boolean) => void;

/** What was spent since the start of the run, evaluations left out. */
interface Spent {
  /** Of text. */
  readonly tokens?: number;
  /** Of images. */
  readonly images?: number;
  readonly flops: number;
  readonly seconds: number;
}

/** One training step. */
export interface StepMetrics extends Spent, Pace {
  /** Updates done, from 1. */
  readonly step: number;
  /** Loss on the step's batch, before its update. */
  readonly loss: number;
  /** Norm of the gradient, before clipping; none where it was not finite and its update skipped, in half precision. */
  readonly gradient_norm?: number;
  /** Factor on the loss, in half precision. */
  readonly loss_scale?: number;
  /** Updates that were skipped so far, in half precision. */
  readonly skipped?: number;
  readonly learning_rate: number;
}

/** One evaluation on held-out data, after `step` updates. */
export interface EvaluationMetrics extends Spent {
  readonly step: number;
  readonly held_out_loss: number;
  readonly held_out_perplexity: number;
  /** Unless numbers are predicted. */
  readonly held_out_accuracy?: number;
  /** Scores of the task: `held_out_f1`, ... */
  readonly [score: `held_out_${string}`]: number;
}

/**
 * Opens a metrics file, cut back to a mark: what came after it, a line that was torn included, is dropped. Without a mark,
 * or where the file is gone, it begins anew. Every line is in the file when its `append` is done, or waits. Throws
 * `run/damaged-metrics` where the file is not what it was at the mark, and `OutputError` where it cannot be opened.
 */
export async function openMetricsFile(
  path: string,
  mark: MetricsMark | undefined,
  onUnwritten: OnUnwritten,
): Promise<MetricsFile> {
  const hash = createHash("sha256");
  let bytes = 0;
  let handle: FileHandle;
  const known = existsSync(path);
  try {
    handle = await open(path, "a+");
  } catch (error) {
    throw writeFailure(path, error);
  }
  try {
    const { size } = await handle.stat();
    if (mark !== undefined && known) {
      await hashPrefix(handle, hash, path, mark, size);
      bytes = mark.bytes;
    }
    await handle.truncate(bytes);
  } catch (error) {
    await handle.close();
    throw writeFailure(path, error);
  }
  const file = createGrowingFile(handle, bytes, Buffer.from(mark?.waiting ?? ""));
  const write = async (text: Buffer): Promise<void> => {
    const written = await file.append(text);
    hash.update(written);
    bytes += written.length;
  };
  return {
    async append(line) {
      const text = Buffer.from(`${JSON.stringify(line)}\n`);
      await write(text).catch((error: unknown) => onUnwritten(path, error, false));
    },
    async mark(isLast = false) {
      try {
        if (file.waiting.length > 0) await write(Buffer.alloc(0));
        await handle.sync();
      } catch (error) {
        onUnwritten(path, error, isLast);
      }
      const waiting = file.waiting.toString();
      const at = { bytes, sha256: hash.copy().digest("hex") };
      return waiting === "" ? at : { ...at, waiting };
    },
    close: () => handle.close(),
  };
}

/** Feeds a hash with what a file held at a mark, and checks it against the mark. */
async function hashPrefix(
  handle: FileHandle,
  hash: Hash,
  path: string,
  mark: MetricsMark,
  size: number,
): Promise<void> {
  const damaged = (actual: string): RunError =>
    new RunError(
      "run/damaged-metrics",
      `${path} is not what this run wrote: ${actual}. Put it back; or remove it, and the run goes on with lines of its next steps only.`,
      { file: path, expected: `${mark.bytes} bytes with SHA-256 ${mark.sha256}`, actual },
    );
  if (size < mark.bytes) throw damaged(`it has ${size} bytes of ${mark.bytes}`);
  if (mark.bytes > 0) {
    for await (const part of handle.createReadStream({
      start: 0,
      end: mark.bytes - 1,
      autoClose: false,
    })) {
      hash.update(part as Buffer);
    }
  }
  if (hash.copy().digest("hex") !== mark.sha256) throw damaged("its lines were changed");
}

/** The lines of the metrics of a finished run. Throws `run/damaged-metrics`. */
export async function readMetrics(
  folder: string,
): Promise<readonly (StepMetrics | EvaluationMetrics)[]> {
  const file = join(folder, METRICS_NAME);
  try {
    const text = await readFile(file, "utf8");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line): StepMetrics | EvaluationMetrics => {
        const value = JSON.parse(line) as StepMetrics | EvaluationMetrics | null;
        if (typeof value === "object" && typeof value?.step === "number") return value;
        throw new TypeError(`a line does not say its step: ${line.slice(0, 60)}`);
      });
  } catch (cause) {
    throw new RunError("run/damaged-metrics", `${file} cannot be read: ${String(cause)}.`, {
      file,
      cause,
    });
  }
}
