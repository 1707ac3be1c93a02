import { join } from "node:path";
import {
  createGrower,
  createScratch,
  elementCount,
  encodeOperator,
  expressions,
  finiteTest,
  operatorNames,
  writtenTensors,
  type Expression,
  type Multiply,
  type Operator,
  type ReadSource,
} from "@ligo/core";
import {
  copyIntoFolder,
  writeCheckpoint,
  writeSafetensors,
  type OutputDtype,
  type WrittenCheckpoint,
} from "@ligo/checkpoint";
import { companionFiles } from "../models/companion-files.js";
import type { GrowthLosses } from "./growth-losses.js";
import type { OpenedOperator } from "./grow-operator.js";
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
  type SourceRecord,
} from "../models/record-file.js";
import { peakMemoryBytes } from "../peak-memory.js";
import type { Task } from "../tasks/task.js";
import type { Timings } from "../timings.js";

export interface GrownContents extends Growth {
  /** Where it is a file, that is copied. */
  readonly operator: Operator | OpenedOperator;
  /** What the growth was asked for, for the record. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Further facts of the result, for the record. */
  readonly finished: Readonly<Record<string, unknown>>;
  /** Names of files that are written into the same folder by others. */
  readonly further: readonly string[];
  readonly dtype: DtypeName | undefined;
  readonly engine: EngineName;
  readonly task: Task | undefined;
  /** Where the source comes from, where that is known already. */
  readonly sourceRecord: SourceRecord | undefined;
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
  const { source, operator, timings } = contents;
  const dtype = outputDtype(contents.dtype, source.checkpoint.dtype);
  const appliedBefore = timings.seconds["apply"] ?? 0;
  const failed = new AbortController();
  const write = async (): Promise<WrittenCheckpoint> => {
    try {
      return await writeWeights(folder, contents, dtype);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  // What only moves bytes goes on while weights are grown.
  const work = [
    write(),
    writeOperator(folder, operator),
    Promise.resolve(contents.sourceRecord ?? sourceRecord(source, failed.signal)),
  ] as const;
  const [written, , from] = await timings.time("write", async () => {
    // Nothing may be written into a folder that is removed as something failed.
    await Promise.allSettled(work);
    return Promise.all(work);
  });
  timings.add("write", appliedBefore - (timings.seconds["apply"] ?? 0));
  const files = [...written.files, "operator.safetensors", ...contents.further, RECORD_NAME];
  const bytes = written.totalBytes;
  await writeRecord(folder, { ...growthRecord(contents, dtype, from), files, bytes });
  return { ...written, files };
}

async function writeWeights(
  folder: string,
  contents: GrownContents,
  dtype: OutputDtype,
): Promise<WrittenCheckpoint> {
  const { source, target } = contents;
  const multiply = await loadMultiply(contents.engine);
  const areFinite = multiply && finiteTest(multiply);
  const read: ReadSource = (name, into, start) => source.read(name, into, start, areFinite);
  const grown =
    contents.grown === undefined ? growTensors(contents, read, multiply) : inMemory(contents.grown);
  const written = writtenTensors(target.layout);
  const canonical = new Map(written.map((tensor) => [tensor.name, tensor.source]));
  return writeCheckpoint(folder, {
    config: target.raw,
    tensors: written.map(({ name, shape, source: from }) => ({
      name,
      shape,
      data: (next) => grown.make(from, next === undefined ? undefined : canonical.get(next)),
      written: grown.written,
    })),
    dtype,
    extraFiles: companionFiles(source.checkpoint.folder, contents.task?.files),
    areFinite,
  });
}

/** Numbers of a tall tensor that are grown together, so that one of any size takes little memory. */
const PART_NUMBERS = 2 ** 19;

/** Where grown tensors come from, by canonical name. */
interface GrownTensors {
  /** Values of a tensor; it is told which one is next. */
  make(
    name: string,
    next: string | undefined,
  ): Promise<Float32Array> | AsyncGenerator<Float32Array>;
  /** Takes back memory that is written. */
  readonly written?: (data: Float32Array | Int32Array) => void;
}

/** Grows tensors, tall ones in parts. */
function growTensors(
  contents: GrownContents,
  read: ReadSource,
  multiply: Multiply | undefined,
): GrownTensors {
  const { plan, operator, timings, signal } = contents;
  const grower = createGrower(plan, operator, read, { multiply, signal });
  const shapes = new Map(plan.tensors.map(({ name, shape }) => [name, shape]));
  // While arrays are written the next is filled.
  const memory = createScratch();
  return {
    async *make(name, next) {
      const [rows = 1, ...rest] = shapes.get(name) ?? [];
      for (const part of grower.parts(name, PART_NUMBERS)) {
        const into = memory.float32((part.end - part.begin) * elementCount(rest));
        const range = part.end - part.begin === rows ? undefined : part;
        const following = part.end === rows ? next : undefined;
        yield await timings.time("apply", () => grower.grow(name, into, range, following));
      }
    },
    written(data) {
      if (data instanceof Float32Array) memory.give(data);
    },
  };
}

function inMemory(weights: ReadonlyMap<string, Float32Array>): GrownTensors {
  return {
    async make(name) {
      const data = weights.get(name);
      if (data === undefined) throw new RangeError(`Nothing was grown for ${name}.`);
      return data;
    },
  };
}

/** Writes `operator.safetensors` into a folder. */
export async function writeOperator(
  folder: string,
  operator: Operator | OpenedOperator,
): Promise<void> {
  const path = join(folder, "operator.safetensors");
  if ("file" in operator) return copyIntoFolder(operator.file, path);
  const { metadata, tensors } = encodeOperator(operator);
  await writeSafetensors(
    path,
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
  source: SourceRecord,
): Readonly<Record<string, unknown>> {
  const { plan, operator, target } = contents;
  const { fresh, normEpsilonScale, order, perturbation, widthScope, terms } = operator;
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
      ...(perturbation === undefined ? {} : { perturbation }),
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
  const terms = expression.terms.map(({ axes, depth, kinds }) => ({
    maps: axes.map((segments) => segments?.flatMap(({ map }) => map ?? []) ?? null),
    depth: depth ?? null,
    // also made of the other matrices of its layer
    ...(kinds === undefined ? {} : { kinds: kinds.tensor }),
  }));
  const [first] = terms;
  return { sources: expression.sources, ...(terms.length === 1 ? first : { terms }) };
}
