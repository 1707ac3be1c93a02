import type { FileHandle } from "node:fs/promises";
import { numberAt, openRegular, type Json } from "./files.js";

/** Numbers of every training step, column by column; NaN where a line has none. */
export interface StepColumns {
  readonly step: readonly number[];
  readonly loss: readonly number[];
  readonly rate: readonly number[];
  readonly norm: readonly number[];
  readonly flops: readonly number[];
  readonly seconds: readonly number[];
}

/** An evaluation on held-out data. */
export interface Evaluation {
  readonly step: number;
  readonly flops: number;
  readonly seconds: number;
  readonly loss: number;
}

/** Everything in the metrics of a run so far. */
export interface RunMetrics {
  readonly steps: StepColumns;
  readonly evaluations: readonly Evaluation[];
  /** The last line of a step. */
  readonly last: Json | undefined;
}

/** Reads the metrics of a run again and again: each time no more than was added. */
export interface MetricsReader {
  read(): Promise<RunMetrics>;
}

/** Bytes that are read at once, and those before the end that must still be the same: a resumed run cuts its file back. */
const [CHUNK, TAIL] = [2 ** 22, 256];

/** The metrics in a file; none where there is no such file. */
export function createMetricsReader(file: string): MetricsReader {
  let gathered = emptyMetrics();
  let offset = 0;
  let tail: Buffer = Buffer.alloc(0);
  const isSame = async (handle: FileHandle): Promise<boolean> => {
    const now = Buffer.alloc(tail.length);
    const { bytesRead } = await handle.read(now, 0, tail.length, offset - tail.length);
    return bytesRead === tail.length && now.equals(tail);
  };
  const readMore = async (handle: FileHandle): Promise<void> => {
    const chunk = Buffer.alloc(CHUNK);
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, CHUNK, offset);
      const end = chunk.subarray(0, bytesRead).lastIndexOf("\n") + 1;
      // a line under way is read when it is whole
      if (end === 0) return;
      for (const line of chunk.toString("utf8", 0, end).split("\n")) addLine(gathered, line);
      tail = Buffer.from(chunk.subarray(Math.max(0, end - TAIL), end));
      offset += end;
    }
  };
  return {
    async read() {
      const handle = await openRegular(file);
      if (handle === undefined) return emptyMetrics();
      try {
        if (!(await isSame(handle))) {
          gathered = emptyMetrics();
          [offset, tail] = [0, Buffer.alloc(0)];
        }
        await readMore(handle);
        return gathered;
      } finally {
        await handle.close();
      }
    },
  };
}

interface Gathered extends RunMetrics {
  readonly steps: { readonly [Name in keyof StepColumns]: number[] };
  readonly evaluations: Evaluation[];
  last: Json | undefined;
}

const emptyMetrics = (): Gathered => ({
  steps: { step: [], loss: [], rate: [], norm: [], flops: [], seconds: [] },
  evaluations: [],
  last: undefined,
});

/** Adds a line; one that is none of ours is passed over. */
function addLine(gathered: Gathered, text: string): void {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return;
  }
  const step = numberAt(line, "step");
  if (step === undefined) return;
  const number = (name: string): number => numberAt(line, name) ?? Number.NaN;
  const [flops, seconds] = [number("flops"), number("seconds")];
  const heldOut = numberAt(line, "held_out_loss");
  if (heldOut !== undefined) {
    gathered.evaluations.push({ step, flops, seconds, loss: heldOut });
    return;
  }
  const { steps } = gathered;
  steps.step.push(step);
  steps.loss.push(number("loss"));
  steps.rate.push(number("learning_rate"));
  steps.norm.push(number("gradient_norm"));
  steps.flops.push(flops);
  steps.seconds.push(seconds);
  gathered.last = line as Json;
}
