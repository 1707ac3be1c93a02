import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { writeSafetensors } from "@ligo/checkpoint";
import { takeLock, type RunLock } from "@ligo/sdk/runs";

/** A run made by hand. */
export interface MadeRun {
  readonly command?: "grow" | "train";
  readonly state: "running" | "finished" | "stopped" | "killed" | "failed";
  readonly steps?: number;
  /** Steps that are done. */
  readonly done?: number;
  readonly checkpoints?: readonly number[];
}

const SIZES = {
  source: { layers: 2, width: 8, parameters: 1000 },
  target: { layers: 4, width: 12, parameters: 4000 },
};

const write = (folder: string, name: string, value: unknown): void =>
  writeFileSync(join(folder, name), JSON.stringify(value));

/** Lines of metrics: losses that fall, with an evaluation every tenth step of a training. */
export function metricLines(command: "grow" | "train", done: number, steps: number): string {
  const lines = Array.from({ length: done }, (_, index) => {
    const step = index + 1;
    const spent = { flops: 1e9 * step, seconds: 0.5 * step };
    const loss = 3 + 2 / (1 + 0.2 * step) + 0.2 * Math.sin(step * 7);
    const line = {
      step,
      loss,
      gradient_norm: 1 / step,
      learning_rate: 1e-3 * (1 - step / steps),
      tokens: 100 * step,
      ...spent,
      tokens_per_second: 200,
      seconds_left: 0.5 * (steps - step),
    };
    const judged = { step, held_out_loss: loss + 0.1, held_out_perplexity: Math.exp(loss), ...spent };
    return command === "train" && step % 10 === 0 ? [line, judged] : [line];
  });
  return lines
    .flat()
    .map((line) => `${JSON.stringify(line)}\n`)
    .join("");
}

/** Writes an operator: four layers from two, and twelve units of which eight are copies, three mixtures, one zero. */
async function writeOperatorFile(folder: string): Promise<void> {
  const map = Float32Array.from({ length: 96 }, (_, k) => {
    const [row, column] = [Math.floor(k / 8), k % 8];
    if (row < 8) return row === column ? 1 : 0;
    return row === 11 ? 0 : 0.1 * (column + 1);
  });
  const depth = (second: number): Float32Array => Float32Array.of(1, 0, 0, 1, second, 0.5, -0.25, 1);
  const tensors = [
    ["width.embed", [12, 8], map],
    ["depth.layer.{i}.weight", [4, 2], depth(0.5)],
    ["depth.layer.{i}.bias", [4, 2], depth(1)],
  ] as const;
  await writeSafetensors(
    join(folder, "operator.safetensors"),
    tensors.map(([name, shape, data]) => ({ name, shape, data: () => data })),
  );
}

/** A process that is gone. */
function goneLock(): object {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  return { pid, host: hostname(), process: "gone", taken: "2026-01-01T00:00:00.000Z", key: "k" };
}

/** Writes the folder of a run; a running one is held until the lock is released. */
export async function makeRun(
  folder: string,
  { checkpoints = [], command = "grow", done = 30, state, steps = 60 }: MadeRun,
): Promise<RunLock | undefined> {
  mkdirSync(folder, { recursive: true });
  const settings = { method: "ligo", steps, learning_rate: 1e-3, batch: 4, sequence: 16, data: ["/data/my texts.txt"], checkpoint: "/models/small" };
  write(folder, "recipe.json", { format: "ligo.recipe", command, settings });
  writeFileSync(join(folder, "metrics.jsonl"), metricLines(command, done, steps));
  for (const step of checkpoints) {
    const saved = join(folder, "checkpoints", `step-${step}`);
    mkdirSync(saved, { recursive: true });
    write(saved, "state.json", { step, held_out_loss: command === "train" ? 4 - step / 100 : null });
    if (command === "grow") await writeOperatorFile(saved);
  }
  const status = {
    format: "ligo.status",
    format_version: 1,
    begun: "2026-01-01T00:00:00.000Z",
    seconds: { read: 1, compile: 2 },
    sizes: command === "grow" ? SIZES : { target: SIZES.target },
    ...(command === "grow" ? { losses: { small: 3.4, start: 4.6 } } : {}),
  };
  const ended = { code: "run/diverged", message: "The loss of step 31 is NaN.", at: "2026-01-01T00:01:00.000Z" };
  if (state === "finished") {
    const { source, target } = SIZES;
    const parameters =
      command === "grow"
        ? { source: source.parameters, target: target.parameters }
        : target.parameters;
    write(folder, "ligo.json", {
      format: "ligo.record",
      command,
      settings,
      parameters,
      seconds: { read: 1, compile: 2, learn: 15, train: 15, apply: 0.5, write: 0.25 },
      losses: command === "grow" ? { small: 3.4, start: 4.6, grown: 3.3 } : { held_out: 3.1 },
      method: "ligo",
    });
    write(folder, "config.json", { num_hidden_layers: target.layers, hidden_size: target.width });
    if (command === "grow") await writeOperatorFile(folder);
    return undefined;
  }
  const stop = { failed: ended, stopped: { ...ended, code: "run/interrupted" } }[state as string];
  write(folder, "status.json", { ...status, ...(stop === undefined ? {} : { ended: stop }) });
  if (state === "killed") write(folder, "run.lock", goneLock());
  return state === "running" ? takeLock(() => join(folder, "run.lock"), folder) : undefined;
}
