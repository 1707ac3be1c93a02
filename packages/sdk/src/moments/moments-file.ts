import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  lazyFile,
  openSafetensors,
  writeSafetensors,
  type SafetensorsFile,
  type TensorSource,
} from "@ligo/checkpoint";
import { elementCount, type Layout } from "@ligo/core";
import { expandLayout } from "@ligo/core/layout";
import type { MomentOrder } from "@ligo/core/operator";
import {
  momentName,
  type CarriedEntries,
  type ModelMoments,
  type MomentFacts,
  type OpenedMoments,
} from "./moments.js";

/** Name of the file with an optimiser's moments, beside weights. */
export const OPTIMIZER_NAME = "optimizer.safetensors";

const FORMAT = { format: "ligo.optimizer", format_version: "1" } as const;
const CARRIED = "carried/";

/**
 * Writes `optimizer.safetensors`: the tensors `first_moment/<name>` and `second_moment/<name>`, and what else an optimiser keeps. Its
 * metadata say which `optimizer` these are of, after how many updates (`step`), with which decays (`beta1`, `beta2`). Where a growth
 * began entries at zero, `fresh_step` says after how many these are, and `carried/<name>/<axis>` hold 1 for the rows of older entries.
 *
 * @param facts absent of an optimiser of an operator
 */
export async function writeOptimizerFile(
  folder: string,
  tensors: Iterable<TensorSource>,
  facts: MomentFacts | undefined,
): Promise<void> {
  await writeSafetensors(
    join(folder, OPTIMIZER_NAME),
    [...tensors, ...carriedTensors(facts?.fresh?.carried ?? new Map())],
    { metadata: { ...FORMAT, ...(facts === undefined ? {} : metadataOf(facts)) } },
  );
}

/** Writes moments that are in memory, in the shapes of their parameters. */
export async function writeMoments(
  folder: string,
  { tensors, ...facts }: ModelMoments,
  layout: Layout,
): Promise<void> {
  const shapes = new Map(expandLayout(layout).map(({ name, shape }) => [name, shape]));
  const sources = [...tensors].flatMap(([name, moments]) =>
    (["first", "second"] as const).map((order) => ({
      name: momentName(order, name),
      shape: shapes.get(name) ?? [moments[order].length],
      data: () => moments[order],
    })),
  );
  await writeOptimizerFile(folder, sources, facts);
}

function metadataOf(facts: MomentFacts): Readonly<Record<string, string>> {
  const { beta1, beta2, fresh, optimizer, step } = facts;
  return {
    optimizer,
    step: String(step),
    beta1: String(beta1),
    beta2: String(beta2),
    ...(fresh === undefined ? {} : { fresh_step: String(fresh.step) }),
  };
}

function carriedTensors(carried: CarriedEntries): readonly TensorSource[] {
  return [...carried].flatMap(([name, axes]) =>
    axes.map((rows, axis) => ({
      name: `${CARRIED}${name}/${axis}`,
      shape: [rows.length],
      dtype: "I32" as const,
      data: () => Int32Array.from(rows),
    })),
  );
}

/** Whether a tensor of the file says which entries are older. */
export const isCarried = (name: string): boolean => name.startsWith(CARRIED);

/** Facts of the moments in a file; `undefined` where it does not say of which optimiser they are, and after how many updates. */
export async function momentFacts(file: SafetensorsFile): Promise<MomentFacts | undefined> {
  const rows = new Map<string, Uint8Array>();
  for (const name of [...file.tensors.keys()].filter(isCarried))
    rows.set(name, Uint8Array.from(await file.read(name)));
  return factsOf(file.metadata, rows);
}

/** @param carried the tensors that say which entries are older, by their names in the file */
function factsOf(
  { beta1, beta2, format, fresh_step: freshStep, optimizer, step }: SafetensorsFile["metadata"],
  carried: ReadonlyMap<string, Uint8Array>,
): MomentFacts | undefined {
  if (format !== FORMAT.format || optimizer === undefined) return undefined;
  const numbers = { step: Number(step), beta1: Number(beta1), beta2: Number(beta2) };
  if (!Number.isSafeInteger(numbers.step) || numbers.step < 0) return undefined;
  if (![numbers.beta1, numbers.beta2].every((beta) => beta >= 0 && beta < 1)) return undefined;
  if (freshStep === undefined) return { optimizer, ...numbers };
  const entries = new Map<string, Uint8Array[]>();
  for (const [stored, rows] of carried) {
    const at = stored.lastIndexOf("/");
    const name = stored.slice(CARRIED.length, at);
    const axes = entries.get(name) ?? [];
    axes[Number(stored.slice(at + 1))] = rows;
    entries.set(name, axes);
  }
  return { optimizer, ...numbers, fresh: { step: Number(freshStep), carried: entries } };
}

/** The moments in a folder, each read, blocking, when it is first asked for; `undefined` where there are none to take over. */
export function readMomentsSync(folder: string): ModelMoments | undefined {
  const path = join(folder, OPTIMIZER_NAME);
  if (!existsSync(path)) return undefined;
  const { metadata, tensors: stored } = lazyFile(path);
  const carried = [...stored].filter(([name]) => isCarried(name));
  const facts = factsOf(
    metadata,
    new Map(carried.map(([name, { data }]) => [name, Uint8Array.from(data, Number)])),
  );
  if (facts === undefined) return undefined;
  const numbers = (order: MomentOrder, name: string): Float32Array =>
    stored.get(momentName(order, name))?.data as Float32Array;
  const prefix = momentName("first", "");
  const names = [...stored.keys()].filter((name) => name.startsWith(prefix));
  return {
    ...facts,
    tensors: new Map(
      names.map((one) => {
        const name = one.slice(prefix.length);
        const moments = {
          get first() {
            return numbers("first", name);
          },
          get second() {
            return numbers("second", name);
          },
        };
        return [name, moments] as const;
      }),
    ),
  };
}

/** Moments beside weights, or why there are none to take over: a few words. */
export type FoundMoments = OpenedMoments | { readonly reason: string } | undefined;

/** Opens the `optimizer.safetensors` of a folder; `undefined` where there is none. The caller closes it. */
export async function openMomentsIn(folder: string): Promise<FoundMoments> {
  const path = join(folder, OPTIMIZER_NAME);
  if (!existsSync(path)) return undefined;
  const file = await openSafetensors(path);
  const facts = await momentFacts(file);
  if (facts === undefined) {
    await file.close();
    if (file.metadata["optimizer"] === "muon")
      return { reason: "they are those of muon, which keeps none of matrices but a momentum" };
    return { reason: `${path} does not say of which optimiser it is, and after how many updates` };
  }
  return {
    ...facts,
    file: path,
    size(name) {
      const [first, second] = (["first", "second"] as const).map((order) =>
        file.tensors.get(momentName(order, name)),
      );
      return first && second && elementCount(first.shape);
    },
    read: (order, name, into, start) => file.read(momentName(order, name), into, start),
    close: () => file.close(),
  };
}
