import { join } from "node:path";
import { openSafetensors, writeSafetensors } from "@ligo/checkpoint";
import type { StepperStart } from "@ligo/train";
import type { RunCheckpoint } from "./run-checkpoints.js";

/** File of a run's checkpoint with all that a step keeps beside the weights: the optimiser's moments. */
const OPTIMIZER_NAME = "optimizer.safetensors";

/** Writes what a stepper keeps from step to step, but for the tensors that are saved elsewhere. */
export async function writeOptimizer(
  folder: string,
  state: StepperStart["state"],
  elsewhere: ReadonlyMap<string, unknown>,
): Promise<void> {
  const tensors = Object.entries(state)
    .filter(([name]) => !elsewhere.has(name))
    .map(([name, data]) => ({ name, shape: [data.length], data: () => data }));
  await writeSafetensors(join(folder, OPTIMIZER_NAME), tensors, {
    metadata: { format: "ligo.optimizer", format_version: "1" },
  });
}

/** Where a stepper goes on from, of what {@link writeOptimizer} wrote and the tensors that were saved elsewhere. */
export async function readStart(
  { folder, state }: RunCheckpoint,
  elsewhere: ReadonlyMap<string, Float32Array>,
): Promise<StepperStart> {
  const file = await openSafetensors(join(folder, OPTIMIZER_NAME));
  try {
    const tensors = Object.fromEntries(elsewhere);
    for (const name of file.tensors.keys()) tensors[name] = await file.read(name);
    return { steps: state.step, state: tensors };
  } finally {
    await file.close();
  }
}
