import { open } from "node:fs/promises";

/** An append-only file of JSON lines. */
export interface MetricsFile {
  append(line: Readonly<Record<string, unknown>>): Promise<void>;
  close(): Promise<void>;
}

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
export interface StepMetrics extends Spent {
  /** Updates done, from 1. */
  readonly step: number;
  /** Loss on the step's batch, before its update. */
  readonly loss: number;
  /** Norm of the gradient, before clipping. */
  readonly gradient_norm: number;
  readonly learning_rate: number;
}

/** One evaluation on held-out data, after `step` updates. */
export interface EvaluationMetrics extends Spent {
  readonly step: number;
  readonly held_out_loss: number;
  readonly held_out_perplexity: number;
  readonly held_out_accuracy: number;
}

/** Opens a metrics file. Every line is in the file when its `append` is done. */
export async function openMetricsFile(path: string): Promise<MetricsFile> {
  const handle = await open(path, "a");
  return {
    async append(line) {
      await handle.appendFile(`${JSON.stringify(line)}\n`);
    },
    close: () => handle.close(),
  };
}
