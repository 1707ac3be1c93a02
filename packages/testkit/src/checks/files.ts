import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint, writeCheckpoint } from "@ligo/checkpoint";
import {
  checkConfig,
  createPlan,
  createRandom,
  type Layout,
  type RawConfig,
  type Architecture,
} from "@ligo/core";
import { readResolved, resolveTensors, writtenTensors } from "@ligo/core/layout";
import { ligoOperator, stackOperator } from "@ligo/core/methods";
import type { Weights } from "@ligo/train";
import type { ArchitectureFixtures } from "../fixtures.js";
import { growWeights, layOut, readRecorded, type RecordedModel } from "../models.js";
import { sameBits } from "../numbers.js";
import { attempt, type Outcome, type Problem } from "../problem.js";
import { missingCheckpoints } from "./missing-fixtures.js";

async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "ligo-testkit-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes weights as `ligo grow` does. */
async function write(
  folder: string,
  config: RawConfig,
  layout: Layout,
  weights: Weights,
  maxShardBytes?: number,
): Promise<void> {
  await writeCheckpoint(folder, {
    config: { ...config, architectures: [layout.className] },
    dtype: "F32",
    maxShardBytes,
    tensors: writtenTensors(layout).map(({ name, source, shape }) => ({
      name,
      shape,
      data: () => {
        const data = weights.get(source);
        if (data === undefined) {
          throw new RangeError(
            `"${name}" is a copy of "${source}", which has no numbers of its own.`,
          );
        }
        return data;
      },
    })),
  });
}

/** Opens a folder and reads all it holds: config, stored tensors, canonical tensors. */
async function read(
  folder: string,
  architecture: Architecture,
): Promise<{
  readonly config: RawConfig;
  readonly layout: Layout;
  readonly stored: Weights;
  readonly weights: Weights;
}> {
  const checkpoint = await openCheckpoint(folder);
  try {
    const { layout } = layOut(architecture, checkpoint.config);
    const resolved = resolveTensors(layout, checkpoint.headers);
    const stored = new Map<string, Float32Array>();
    for (const name of checkpoint.headers.keys()) stored.set(name, await checkpoint.read(name));
    const weights = new Map<string, Float32Array>();
    for (const name of resolved.tensors.keys()) {
      const data = await readResolved(resolved, name, (one) => checkpoint.read(one));
      weights.set(name, data);
    }
    return { config: checkpoint.config, layout, stored, weights };
  } finally {
    await checkpoint.close();
  }
}

const bytesOf = (folder: string, file = "model.safetensors"): Promise<Uint8Array> =>
  readFile(join(folder, file));

/** A config as text that does not depend on the order of its keys. */
const sortedText = (config: RawConfig): string =>
  JSON.stringify(Object.entries(config).toSorted(([a], [b]) => (a < b ? -1 : 1)));

async function forCheckpoints(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
  advice: string,
  work: (model: RecordedModel, folder: string) => Promise<readonly Problem[]>,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [...missingCheckpoints(fixtures)];
  for (const recorded of fixtures.checkpoints) {
    problems.push(
      ...(await attempt(recorded.name, advice, () =>
        inTemporaryFolder(async (folder) =>
          work(await readRecorded(architecture, recorded), folder),
        ),
      )),
    );
  }
  return problems;
}

/** Check 5: a recorded file read, written, read and written again holds the same numbers and is the same file. */
export async function checkRoundTrip(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const advice =
    "Give every tensor of the file one parameter, and every written parameter numbers to write.";
  const problems = await forCheckpoints(architecture, fixtures, advice, async (model, folder) => {
    const [first, second] = [join(folder, "first"), join(folder, "second")];
    const { recorded, config, layout, weights } = model;
    await write(first, model.raw, layout, weights);
    const again = await read(first, architecture);
    await write(second, again.config, again.layout, again.weights);
    const found: Problem[] = [...recorded.tensors].flatMap(([name, { data }]) => {
      if (recorded.unequalCopies?.includes(name) === true) return [];
      const written = again.stored.get(name);
      if (written === undefined || sameBits(written, Float32Array.from(data))) return [];
      return [
        {
          message: `${recorded.name}: "${name}" is written with other numbers than it was read with.`,
          advice:
            "Check `mirrorOf`, `tiedTo` and `aliases` of this parameter: it is written as a copy of another one.",
        },
      ];
    });
    if (!sameBits(await bytesOf(first), await bytesOf(second))) {
      found.push({
        message: `${recorded.name}: written, read and written again it is another file.`,
        advice: "Make `renames`, `drops` and `aliases` leave canonical names as they are.",
      });
    }
    for (const key of Object.keys(recorded.config)) {
      if (JSON.stringify(again.config[key]) === JSON.stringify(recorded.config[key])) continue;
      found.push({
        message: `${recorded.name}: the config key ${key} is not what it was.`,
        advice: "Keep every key: `config` only reads.",
      });
    }
    if (sortedText(config) !== sortedText(checkConfig(architecture, config))) {
      found.push({
        message: `${recorded.name}: the config as it is read is not read to itself.`,
        advice:
          "Let `config` fill in defaults and nothing else, so that reading twice is reading once.",
      });
    }
    return found;
  });
  return { problems };
}

/** Check 8: growing to the same sizes gives the same file, bit for bit, by copies and by a LiGO operator's start. */
export async function checkIdentityGrowth(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const advice =
    "A model must be growable to its own sizes: mend what the plan says of the layout.";
  const problems = await forCheckpoints(architecture, fixtures, advice, async (model, folder) => {
    const { recorded, layout, weights } = model;
    const plan = createPlan(layout, layOut(architecture, model.raw).layout);
    const operators = {
      copies: stackOperator(plan),
      ligo: ligoOperator(plan, createRandom(1), { depth: "stackbert" }),
    };
    await write(join(folder, "source"), model.raw, layout, weights);
    const found: Problem[] = [];
    for (const [name, operator] of Object.entries(operators)) {
      const grown = await growWeights(plan, operator, weights);
      await write(join(folder, name), model.raw, plan.target, grown);
      for (const file of ["model.safetensors", "config.json"]) {
        const [before, after] = await Promise.all([
          bytesOf(join(folder, "source"), file),
          bytesOf(join(folder, name), file),
        ]);
        if (sameBits(before, after)) continue;
        found.push({
          message: `${recorded.name}: grown to its own sizes (${name}), ${file} is another file.`,
          advice:
            "Make `layout` give the same parameters for the same config, each made of itself.",
        });
      }
    }
    return found;
  });
  return { problems };
}

/** Check 14: in shards of one tensor each, a model is read as from one file. */
export async function checkShards(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const advice =
    "Make reading depend on the names of stored tensors alone, not on their file or order.";
  const problems = await forCheckpoints(architecture, fixtures, advice, async (model, folder) => {
    await write(folder, model.raw, model.layout, model.weights, 1);
    const { weights } = await read(folder, architecture);
    return [...model.weights]
      .filter(([name, data]) => !sameBits(weights.get(name) ?? new Float32Array(0), data))
      .map(([name]) => ({
        message: `${model.recorded.name}: in shards, "${name}" is read with other numbers.`,
        advice,
      }));
  });
  return { problems };
}
