import { join } from "node:path";
import {
  encodeOperator,
  expressions,
  operatorNames,
  writtenTensors,
  type Expression,
  type Operator,
} from "@ligo/core";
import { writeCheckpoint, writeSafetensors, type WrittenCheckpoint } from "@ligo/checkpoint";
import { companionFiles } from "../models/companion-files.js";
import type { GrowthLosses } from "./growth-losses.js";
import { grownTensors } from "./grown-tensors.js";
import { loadMultiply, type EngineName } from "../models/load-engine.js";
import type { Growth } from "./open-growth.js";
import { outputDtype, type DtypeName } from "../models/output-dtype.js";
import {
  RECORD_NAME,
  configHash,
  recordedSettings,
  softwareVersions,
  sourceRecord,
  writeRecord,
} from "../models/record-file.js";
import { peakMemoryBytes } from "../peak-memory.js";
import type { Task } from "../tasks/task.js";
import type { Timings } from "../timings.js";

export interface GrownContents extends Growth {
  readonly operator: Operator;
  /** What the growth was asked for, for the record. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Further facts of the result, for the record. */
  readonly finished: Readonly<Record<string, unknown>>;
  /** Names of files that are written into the same folder by others. */
  readonly further: readonly string[];
  readonly dtype: DtypeName | undefined;
  readonly engine: EngineName;
  readonly task: Task | undefined;
  /** All grown weights, where they are in memory already. */
  readonly grown: ReadonlyMap<string, Float32Array> | undefined;
  readonly losses: GrowthLosses;
  readonly flops: number | null;
  readonly timings: Timings;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a grown checkpoint into a folder: weights, config, tokenizer, `operator.safetensors` and `ligo.json`. Weights
 * are grown one by one as they are written.
 */
export async function writeGrown(
  folder: string,
  contents: GrownContents,
): Promise<WrittenCheckpoint> {
  const { source, target, operator, timings, grown } = contents;
  const make = grown === undefined ? await growTensors(contents) : inMemory(grown);
  const dtype = outputDtype(contents.dtype, source.checkpoint.dtype);
  const tensors = writtenTensors(target.layout).map(({ name, shape, source: canonical }) => ({
    name,
    shape,
    data: () => make(canonical),
  }));
  const appliedBefore = timings.seconds["apply"] ?? 0;
  const written = await timings.time("write", () =>
    writeCheckpoint(folder, {
      config: target.raw,
      tensors,
      dtype,
      extraFiles: companionFiles(source.checkpoint.folder, contents.task?.files),
    }),
  );
  timings.add("write", appliedBefore - (timings.seconds["apply"] ?? 0));
  await timings.time("write", () => writeOperator(folder, operator));
  const hashes = await timings.time("hash", () => sourceRecord(source));
  const files = [...written.files, "operator.safetensors", ...contents.further, RECORD_NAME];
  const bytes = written.totalBytes;
  await writeRecord(folder, { ...growthRecord(contents, dtype, hashes), files, bytes });
  return { ...written, files };
}

async function growTensors(
  contents: GrownContents,
): Promise<(name: string) => Promise<Float32Array>> {
  const { plan, operator, source, timings, signal } = contents;
  const multiply = await loadMultiply(contents.engine);
  const make = grownTensors({
    plan,
    operator,
    read: (name) => source.read(name),
    multiply,
    signal,
  });
  return (name) => timings.time("apply", () => make(name));
}

function inMemory(
  weights: ReadonlyMap<string, Float32Array>,
): (name: string) => Promise<Float32Array> {
  return async (name) => {
    const data = weights.get(name);
    if (data === undefined) throw new RangeError(`Nothing was grown for ${name}.`);
    return data;
  };
}

/** Writes `operator.safetensors` into a folder. */
export async function writeOperator(folder: string, operator: Operator): Promise<void> {
  const { metadata, tensors } = encodeOperator(operator);
  await writeSafetensors(
    join(folder, "operator.safetensors"),
    [...tensors].map(([name, { rows, columns, data }]) => ({
      name,
      shape: [rows, columns],
      data: () => data,
    })),
    { metadata },
  );
}

function growthRecord(
  contents: GrownContents,
  dtype: string,
  source: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { plan, operator, target } = contents;
  const { fresh, normEpsilonScale, order, widthScope, terms } = operator;
  return {
    format: "ligo.record",
    format_version: 1,
    command: "grow",
    versions: softwareVersions(),
    objective: contents.task?.objective ?? null,
    settings: recordedSettings(contents.settings),
    source,
    target: { class: target.className, config_sha256: configHash(target.raw), dtype },
    operator: {
      file: "operator.safetensors",
      order,
      width_scope: widthScope,
      terms,
      // what no term reaches starts from scratch
      ...(fresh === undefined ? {} : { fresh }),
      ...(normEpsilonScale === undefined ? {} : { norm_epsilon_scale: normEpsilonScale }),
    },
    losses: contents.losses,
    flops: contents.flops,
    seconds: contents.timings.seconds,
    peak_memory_bytes: peakMemoryBytes(),
    ...contents.finished,
    dropped: plan.dropped,
    ignored: contents.source.ignored,
    tensors: Object.fromEntries(
      expressions(plan, operatorNames(operator)).map((expression) => [
        expression.name,
        provenance(expression),
      ]),
    ),
  };
}

/** What a tensor is made of: per term the maps of its axes (null where one does not change) and its row of depth. */
function provenance(expression: Expression): Readonly<Record<string, unknown>> {
  const terms = expression.terms.map(({ axes, depth }) => ({
    maps: axes.map((segments) => segments?.flatMap(({ map }) => map ?? []) ?? null),
    depth: depth ?? null,
  }));
  const [first] = terms;
  return { sources: expression.sources, ...(terms.length === 1 ? first : { terms }) };
}
