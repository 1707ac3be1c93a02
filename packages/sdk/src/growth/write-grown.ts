import { basename, resolve } from "node:path";
import { writtenTensors } from "@ligo/core/layout";
import { writeCheckpoint, type WrittenCheckpoint } from "@ligo/checkpoint";
import { CARD_NAME, inheritedHeadOf } from "../card/card-head.js";
import { growthSummary } from "../card/growth-summary.js";
import { writeCard } from "../card/model-card.js";
import { modelTypeOf } from "../models/model-type.js";
import { RECORD_NAME, writeRecord } from "../models/record-file.js";
import type { GrownContents } from "./grown-contents.js";
import { grownCompanions } from "./grown-companions.js";
import { OPTIMIZER_NAME } from "../moments/moments-file.js";
import { writeGrownMoments } from "./grow-moments.js";
import { growthRecord } from "./growth-record.js";
import { grownTensors } from "./grown-tensors.js";
import { OPERATOR_NAME, writeOperator } from "./operator-file.js";

/**
 * Writes a grown checkpoint into a folder: weights, config, tokenizer, `operator.safetensors`, the optimiser's moments where the
 * source has some, `ligo.json` and a model card. Weights are grown one by one as they are written.
 */
export async function writeGrown(
  folder: string,
  contents: GrownContents,
): Promise<WrittenCheckpoint> {
  const { growth, moments, operator, timings } = contents;
  const appliedBefore = timings.seconds["apply"] ?? 0;
  const failed = new AbortController();
  const write = async (): Promise<WrittenCheckpoint> => {
    try {
      return await writeWeights(folder, contents);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  // Moving bytes goes on while weights are grown.
  const work = [
    write(),
    writeOperator(folder, operator, growth.rows),
    moments === undefined ? Promise.resolve() : writeGrownMoments(folder, moments),
    Promise.resolve(contents.sourceRecord ?? growth.source.record(failed.signal)),
  ] as const;
  const [written, , , from] = await timings.time("write", async () => {
    // Nothing may be written into a folder that is removed as something failed.
    await Promise.allSettled(work);
    return Promise.all(work);
  });
  timings.add("write", appliedBefore - (timings.seconds["apply"] ?? 0));
  const own = moments === undefined ? [OPERATOR_NAME] : [OPERATOR_NAME, OPTIMIZER_NAME];
  const files = [...written.files, ...own, ...contents.further, CARD_NAME, RECORD_NAME];
  const bytes = written.totalBytes;
  const record = { ...growthRecord(contents, from, await contents.origins()), files, bytes };
  await writeGrownCard(folder, contents, record);
  await writeRecord(folder, record);
  return { ...written, files };
}

async function writeGrownCard(
  folder: string,
  { growth: { source, target }, settings: { out = folder } }: GrownContents,
  record: Readonly<Record<string, unknown>>,
): Promise<void> {
  const growth = growthSummary(record);
  if (growth === undefined) throw new Error("The record of a growth lacks what its card says.");
  await writeCard(folder, {
    name: basename(resolve(out)),
    modelType: modelTypeOf(target.raw),
    className: target.className,
    growth,
    inherited: await inheritedHeadOf(source.checkpoint.folder),
  });
}

async function writeWeights(folder: string, contents: GrownContents): Promise<WrittenCheckpoint> {
  const { context, dtype, growth, operator, settings, timings } = contents;
  const { target } = growth;
  const grown = await grownTensors({
    growth,
    operator,
    engine: settings.engine,
    known: contents.grown,
    timings,
    signal: context.signal,
  });
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
    maxShardBytes: settings.maxShardSize,
    extraFiles: await grownCompanions(growth, contents.task, context),
    areFinite: grown.areFinite,
  });
}
