import { join } from "node:path";
import { elementCount, type Operator, type Plan } from "@ligo/core";
import { writtenTensors } from "@ligo/core/layout";
import { configOfDtype, roundedTo } from "@ligo/checkpoint";
import { companionMap } from "../models/companion-files.js";
import { folderContents } from "../models/folder-contents.js";
import type { ModelTensor } from "../models/model-source.js";
import { readCompanions } from "../models/open-model.js";
import { peakMemoryBytes } from "../peak-memory.js";
import { RunError } from "../runs/run-error.js";
import type { GrownContents } from "./grown-contents.js";
import { grownCompanions } from "./grown-companions.js";
import { grownMomentsInMemory } from "./grow-moments.js";
import { grownTensors } from "./grown-tensors.js";
import type { GrownFacts, GrownModel } from "./grown-model.js";
import { OPERATOR_NAME, readOperatorSync } from "./operator-file.js";
import { rowFacts } from "./row-facts.js";

function factsOf(contents: GrownContents): Omit<GrownFacts, "files" | "bytes"> {
  const { flops, growth, kept, losses, method, moments, parameters, task, timings } = contents;
  const { chosen } = growth.target;
  return {
    command: "grow",
    method,
    ...(chosen === undefined ? {} : { to: chosen }),
    keepsFunction: kept.kept,
    reasons: kept.kept ? [] : kept.reasons,
    parameters,
    rows: growth.rows.map(rowFacts),
    objective: task?.objective ?? null,
    ...(moments === undefined ? {} : { carriedMoments: moments.counts }),
    losses,
    seconds: timings.seconds,
    flops,
    peakMemoryBytes: peakMemoryBytes(),
  };
}

/** A grown model that was written to a folder: tensors, operator and companions are read when they are asked for. */
export function grownInFolder(
  out: string,
  contents: GrownContents,
  written: { readonly files: readonly string[]; readonly totalBytes: number },
): GrownModel {
  const { dtype, growth } = contents;
  const { files, totalBytes: bytes } = written;
  return folderModel(out, configOfDtype(growth.target.raw, dtype), growth.plan, {
    ...factsOf(contents),
    files,
    bytes,
  });
}

/** The same from the facts that its record holds. */
export function folderModel(
  out: string,
  config: GrownModel["config"],
  plan: Plan | undefined,
  facts: GrownFacts,
): GrownModel {
  const contents = folderContents(out);
  let operator: Operator | undefined;
  return {
    ...facts,
    config,
    plan,
    out,
    get tensors() {
      return contents.tensors;
    },
    get companions() {
      return contents.companions;
    },
    get moments() {
      return contents.moments;
    },
    get operator() {
      operator ??= operatorIn(out, plan);
      return operator;
    },
  };
}

function operatorIn(out: string, plan: Plan | undefined): Operator {
  if (plan !== undefined) return readOperatorSync(plan, join(out, OPERATOR_NAME));
  throw new RunError(
    "run/no-source",
    `The operator in ${out} cannot be read, as the source that it grew is not there any more.`,
    { file: join(out, OPERATOR_NAME), expected: "the source of the run" },
  );
}

/** Grows a model in memory: every tensor, rounded to the dtype it would be written in. */
export async function grownInMemory(
  contents: GrownContents,
  operator: Operator,
): Promise<GrownModel> {
  const { context, dtype, growth, settings, timings } = contents;
  const { target } = growth;
  const grown = await grownTensors({
    growth,
    operator: contents.operator,
    engine: settings.engine,
    known: contents.grown,
    timings,
    signal: context.signal,
  });
  const tensors = new Map<string, ModelTensor>();
  let bytes = 0;
  for (const { name, shape, source: from } of writtenTensors(target.layout)) {
    const data = await collected(grown.make(from, undefined), shape);
    tensors.set(name, { dtype, shape, data: roundedTo(dtype, data) });
    bytes += data.length * (dtype === "F32" ? 4 : 2);
  }
  const files = await readCompanions(await grownCompanions(growth, contents.task, context));
  const { moments } = contents;
  return {
    ...factsOf(contents),
    config: configOfDtype(target.raw, dtype),
    tensors,
    ...(moments === undefined ? {} : { moments: await grownMomentsInMemory(moments) }),
    companions: companionMap(files),
    plan: growth.plan,
    rowGrowths: growth.rows,
    operator,
    out: undefined,
    files: [],
    bytes,
  };
}

/** Numbers that come at once or in parts, in an array of their own. */
async function collected(
  made: Promise<Float32Array> | AsyncGenerator<Float32Array>,
  shape: readonly number[],
): Promise<Float32Array> {
  if (made instanceof Promise) return (await made).slice();
  const data = new Float32Array(elementCount(shape));
  let at = 0;
  for await (const part of made) {
    data.set(part, at);
    at += part.length;
  }
  return data;
}
