import { join } from "node:path";
import { systemCode, writeFailure } from "@ligo/checkpoint";
import type { Context } from "../context.js";
import {
  METRICS_NAME,
  openMetricsFile,
  type MetricsFile,
  type MetricsMark,
  type OnUnwritten,
} from "../training/metrics-file.js";
import { openEventFile } from "./event-file.js";

/** Where TensorBoard shows what; everything else stands under the phase it belongs to. */
const GROUPS: Readonly<Record<string, string>> = {
  tokens: "spent",
  images: "spent",
  flops: "spent",
  seconds: "spent",
  tokens_per_second: "speed",
  images_per_second: "speed",
  seconds_left: "speed",
};
const HELD_OUT = "held_out_";

/** The tag of a metric: `train/loss`, `held_out/loss`, `speed/tokens_per_second`. */
function tagOf(name: string, phase: string): string {
  if (name.startsWith(HELD_OUT)) return `held_out/${name.slice(HELD_OUT.length)}`;
  return `${GROUPS[name] ?? phase}/${name}`;
}

/** Every number of a line as a scalar. */
function scalarsOf(line: Readonly<Record<string, unknown>>, phase: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(line).flatMap(([name, value]) =>
      typeof value === "number" && name !== "step" ? [[tagOf(name, phase), value]] : [],
    ),
  );
}

/**
 * Opens the metrics of a run, or goes on with them: lines of JSON, each of which also goes into a TensorBoard event file
 * beside them. A file that cannot be written any more ends no run: its lines wait, and a warning says so. Throws what
 * `openMetricsFile` throws.
 *
 * @param phase what the run does: the group of its losses in TensorBoard
 * @param from the step that a run goes on after, and where its metrics stood then
 */
export async function openRunMetrics(
  folder: string,
  phase: "learn" | "train",
  { emit }: Pick<Context, "emit">,
  from?: { readonly step: number; readonly metrics: MetricsMark },
): Promise<MetricsFile> {
  const told = new Set<string>();
  const onUnwritten: OnUnwritten = (file, error, lost) => {
    if (told.has(file) && !lost) return;
    told.add(file);
    const reason = systemCode(error) ?? String(error);
    emit({ type: "warning", code: "metrics-unwritten", file, reason, lost });
  };
  const metrics = await openMetricsFile(join(folder, METRICS_NAME), from?.metrics, onUnwritten);
  try {
    const events = await openEventFile(folder, { resumedAt: from?.step });
    return {
      async append(line) {
        await metrics.append(line);
        await events
          .append(Number(line["step"]), scalarsOf(line, phase))
          .catch((error: unknown) => onUnwritten(events.path, error, false));
      },
      mark: (isLast) => metrics.mark(isLast),
      async close() {
        await metrics.close();
        await events.close();
      },
    };
  } catch (error) {
    await metrics.close();
    throw writeFailure(folder, error);
  }
}
