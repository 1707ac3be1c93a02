import { join } from "node:path";
import { openSafetensors } from "@ligo/checkpoint";
import type { StepperStart } from "@ligo/train";
import type { MomentFacts } from "../moments/moments.js";
import {
  isCarried,
  momentFacts,
  OPTIMIZER_NAME,
  writeOptimizerFile,
} from "../moments/moments-file.js";
import type { RunCheckpoint } from "./run-checkpoints.js";

/**
 * Writes what a stepper keeps from step to step, but for the tensors that are saved elsewhere.
 *
 * @param facts what the moments are, so that others may take them over. Default: nothing is said
 */
export async function writeOptimizer(
  folder: string,
  state: StepperStart["state"],
  elsewhere: ReadonlyMap<string, unknown>,
  facts?: MomentFacts,
): Promise<void> {
  const tensors = Object.entries(state)
    .filter(([name]) => !elsewhere.has(name))
    .map(([name, data]) => ({ name, shape: [data.length], data: () => data }));
  await writeOptimizerFile(folder, tensors, facts);
}

/** Where a stepper goes on from, and what is said of its moments. */
export interface StoredStart extends StepperStart {
  readonly facts: MomentFacts | undefined;
}

/** Where a stepper goes on from, of what {@link writeOptimizer} wrote and the tensors that were saved elsewhere. */
export async function readStart(
  { folder, state }: RunCheckpoint,
  elsewhere: ReadonlyMap<string, Float32Array>,
): Promise<StoredStart> {
  const file = await openSafetensors(join(folder, OPTIMIZER_NAME));
  try {
    const tensors = Object.fromEntries(elsewhere);
    for (const name of file.tensors.keys())
      if (!isCarried(name)) tensors[name] = await file.read(name);
    return { steps: state.step, state: tensors, facts: await momentFacts(file) };
  } finally {
    await file.close();
  }
}
