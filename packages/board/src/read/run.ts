import { join } from "node:path";
import type { ModelSize } from "@ligo/report";
import { OPERATOR_NAME, RECORD_NAME } from "@ligo/sdk/models";
import {
  LOCK_NAME,
  lockHolder,
  METRICS_NAME,
  readStatus,
  RECIPE_NAME,
  type RunStatus,
} from "@ligo/sdk/runs";
import {
  namesIn,
  numberAt,
  numbersAt,
  objectAt,
  readObject,
  textAt,
  writtenAt,
  type Json,
} from "./files.js";
import { createMetricsReader, type RunMetrics } from "./metrics.js";
import { readOperator, type OperatorView } from "./operator.js";

export type RunState = "running" | "finished" | "stopped" | "failed";

/** A checkpoint that a run can go on from. */
export interface SavedCheckpoint {
  readonly step: number;
  readonly loss: number | undefined;
  readonly isBest: boolean;
  /** Milliseconds since 1970. */
  readonly savedAt: number | undefined;
}

/** A run as its folder tells it. */
export interface RunView {
  readonly folder: string;
  readonly command: "grow" | "train";
  readonly method: string | undefined;
  readonly state: RunState;
  /** Why it is not running any more, in words; empty where it is, or came to its end. */
  readonly because: string;
  /** Whether its losses became no numbers: the same steps would end so again. */
  readonly isDiverged: boolean;
  /** Steps that it was to take; 0 where it learns nothing. */
  readonly steps: number;
  readonly metrics: RunMetrics;
  /** Losses on held-out data of the source, before learning, and of the grown model. */
  readonly losses: Readonly<Partial<Record<"small" | "start" | "grown", number>>>;
  readonly sizes: {
    readonly source?: ModelSize | undefined;
    readonly target?: ModelSize | undefined;
  };
  /** Seconds by what they were spent on. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly checkpoints: readonly SavedCheckpoint[];
  readonly operator: OperatorView | undefined;
  /** Settings as the recipe spells them. */
  readonly settings: Json;
}

/** Reads a run again and again; what did not change is not read twice. */
export interface RunReader {
  read(): Promise<RunView>;
}

/** The files that a view is made of, beside metrics and operator. */
interface RunFiles {
  readonly folder: string;
  readonly recipe: Json | undefined;
  readonly record: Json | undefined;
  readonly status: RunStatus | undefined;
  readonly config: Json | undefined;
}

export function createRunReader(folder: string): RunReader {
  const metrics = createMetricsReader(join(folder, METRICS_NAME));
  let operator: { readonly key: string; readonly view: OperatorView | undefined } | undefined;
  let finished: { readonly key: string; readonly view: RunView } | undefined;
  const operatorIn = async (place: string): Promise<OperatorView | undefined> => {
    const key = `${place} ${await writtenAt(place, OPERATOR_NAME)}`;
    if (operator?.key !== key) operator = { key, view: await readOperator(place) };
    return operator.view;
  };
  const readAll = async (): Promise<RunView> => {
    const checkpoints = await readCheckpoints(folder);
    const last = checkpoints.at(-1);
    const saved = last === undefined ? folder : join(folder, "checkpoints", nameOf(last.step));
    const [recipe, record, status, own, ofLast] = await Promise.all([
      readObject(join(folder, RECIPE_NAME)),
      readObject(join(folder, RECORD_NAME)),
      readStatus(folder),
      readObject(join(folder, "config.json")),
      readObject(join(saved, "config.json")),
    ]);
    const files: RunFiles = { folder, recipe, record, status, config: own ?? ofLast };
    const view = await operatorIn(record === undefined ? saved : folder);
    return viewOf(files, await metrics.read(), checkpoints, view);
  };
  return {
    async read() {
      const names = [RECORD_NAME, METRICS_NAME, "checkpoints"];
      const written = await Promise.all(names.map((name) => writtenAt(folder, name)));
      const key = written.join();
      if (finished?.key === key) return finished.view;
      const view = await readAll();
      if (view.state === "finished") finished = { key, view };
      return view;
    },
  };
}

const nameOf = (step: number): string => `step-${step}`;

async function readCheckpoints(folder: string): Promise<readonly SavedCheckpoint[]> {
  const path = join(folder, "checkpoints");
  const { folders } = await namesIn(path);
  const best = numberAt(await readObject(join(path, "best.json")), "step");
  const saved = folders.flatMap((name) => /^step-(0|[1-9]\d*)$/u.exec(name)?.[1] ?? []).map(Number);
  return Promise.all(
    saved
      .toSorted((a, b) => a - b)
      .map(async (step) => ({
        step,
        loss: numberAt(await readObject(join(path, nameOf(step), "state.json")), "held_out_loss"),
        isBest: step === best,
        savedAt: await writtenAt(path, nameOf(step)),
      })),
  );
}

async function viewOf(
  { config, folder, recipe, record, status }: RunFiles,
  metrics: RunMetrics,
  checkpoints: readonly SavedCheckpoint[],
  operator: OperatorView | undefined,
): Promise<RunView> {
  const settings = objectAt(recipe ?? record, "settings");
  const command = textAt(recipe, "command") ?? textAt(record, "command");
  const isFinished = record !== undefined;
  const ended = isFinished ? undefined : await stateOf(folder, status);
  const losses = { ...objectAt(status, "losses"), ...objectAt(record, "losses") };
  const lossAt = (name: string): Record<string, number> => {
    const loss = numberAt(losses, name);
    return loss === undefined ? {} : { [name]: loss };
  };
  const isGrowth = command !== "train";
  return {
    folder,
    command: isGrowth ? "grow" : "train",
    method: isGrowth ? (textAt(record, "method") ?? textAt(settings, "method")) : undefined,
    state: ended?.state ?? "finished",
    because: ended?.because ?? "",
    isDiverged: ended !== undefined && status?.ended?.code === "run/diverged",
    steps: metrics.last === undefined && isFinished ? 0 : (numberAt(settings, "steps") ?? 0),
    metrics,
    losses: isGrowth ? { ...lossAt("small"), ...lossAt("start"), ...lossAt("grown") } : {},
    sizes: sizesOf(status, record, config, operator),
    seconds: { ...status?.seconds, ...numbersAt(record, "seconds") },
    checkpoints,
    operator,
    settings,
  };
}

/** A run without a record: who works on it, or why nobody does. */
async function stateOf(
  folder: string,
  status: RunStatus | undefined,
): Promise<{ readonly state: RunState; readonly because: string }> {
  const holder = await lockHolder(join(folder, LOCK_NAME)).catch(() => undefined);
  if (holder !== undefined && !holder.isGone) return { state: "running", because: "" };
  if (holder !== undefined)
    return {
      state: "stopped",
      because: `Process ${holder.pid} is gone: it was killed, or the machine went down.`,
    };
  if (status?.ended === undefined) return { state: "stopped", because: "It was stopped." };
  const { code, message } = status.ended;
  return code === "run/interrupted"
    ? { state: "stopped", because: "It was interrupted." }
    : { state: "failed", because: message };
}

/** Keys of configs for the layers and the width. */
const [LAYERS, WIDTH] = [
  ["num_hidden_layers", "n_layer", "num_layers"],
  ["hidden_size", "n_embd", "d_model", "embed_dim"],
];

const firstNumber = (config: Json | undefined, keys: readonly string[]): number | undefined =>
  keys.map((key) => numberAt(config, key)).find((value) => value !== undefined);

/** Sizes as the status has them; of a finished run those of its config, and of the source those that its operator reads. */
function sizesOf(
  status: RunStatus | undefined,
  record: Json | undefined,
  config: Json | undefined,
  operator: OperatorView | undefined,
): RunView["sizes"] {
  if (status?.sizes !== undefined) return status.sizes;
  const [layers, width] = [firstNumber(config, LAYERS), firstNumber(config, WIDTH)];
  if (layers === undefined || width === undefined) return {};
  const of = (name: string): number | undefined =>
    numberAt(record, "parameters", name) ??
    (name === "target" ? numberAt(record, "parameters") : undefined);
  const target = { layers, width, parameters: of("target") };
  if (operator === undefined) return { target };
  const [stack] = operator.depth;
  const embed = operator.width.find(({ space }) => space === "embed");
  const source = {
    layers: stack?.mean[0]?.length ?? layers,
    width: embed?.oldUnits ?? width,
    parameters: of("source"),
  };
  return { source, target };
}
