import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "@ligo/core";
import { readInput, writeInput, type Input } from "./input.js";
import { mutate } from "./mutate/mutate.js";
import { pick } from "./mutate/mutator.js";
import type { Target } from "./target.js";

/** Folder with all that a target's reader needs beside an input. */
export const materialOf = (folder: string, { name }: Target): string => join(folder, name);

const seedsOf = (folder: string, target: Target): string => join(folder, "seeds", target.name);

/** Makes the seeds of a target, and what its reader needs, once for all processes. */
export async function prepareTarget(folder: string, target: Target): Promise<void> {
  const material = materialOf(folder, target);
  writeInput(material, new Map());
  const seeds = await target.prepare(material);
  rmSync(seedsOf(folder, target), { recursive: true, force: true });
  for (const [index, seed] of seeds.entries()) {
    writeInput(join(seedsOf(folder, target), String(index).padStart(3, "0")), seed);
  }
}

/** The seeds that were made. */
export function readSeeds(folder: string, target: Target): readonly Input[] {
  const seeds = seedsOf(folder, target);
  if (!existsSync(seeds)) throw new Error(`${target.name} was not prepared in ${folder}.`);
  return readdirSync(seeds)
    .toSorted()
    .map((name) => readInput(join(seeds, name)));
}

/** An input and the seed that it was made of. */
export interface MadeInput {
  readonly base: Input;
  readonly input: Input;
}

/** The input of a number: the same for the same seeds, whatever was made before. Changes that are not kept are left out. */
export function makeInput(
  target: Target,
  seeds: readonly Input[],
  { seed, index }: { readonly seed: number; readonly index: number },
  kept?: ReadonlySet<number>,
): MadeInput {
  const random = createRandom(seed).fork(target.name).fork(String(index));
  const base = pick(random, seeds);
  return { base, input: mutate(base, target, random, kept) };
}
