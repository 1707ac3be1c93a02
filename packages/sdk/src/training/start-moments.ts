import { elementCount, parameterCount, type Layout } from "@ligo/core";
import { expandLayout, isOwned } from "@ligo/core/layout";
import type { Context } from "../context.js";
import { momentName, type MomentFacts, type OpenedMoments } from "../moments/moments.js";
import type { StoredStart } from "../runs/stepper-checkpoint.js";
import type { CheckedTrainSettings } from "../settings/types.generated.js";
import type { TrainingStart } from "./open-start.js";

/** Moments that a training begins with, or goes on with. */
export interface StartMoments {
  /** Updates that bias correction counts beside the training's own. */
  readonly steps: number;
  /** What the optimiser begins with; empty where a checkpoint of the run holds it. */
  readonly state: Readonly<Record<string, Float32Array>>;
  /** Updates that entries which a growth began at zero came later by, and the other entries. */
  readonly late?: {
    readonly by: number;
    readonly carried: NonNullable<MomentFacts["fresh"]>["carried"];
  };
}

const lateOf = ({ fresh, step }: MomentFacts): Pick<StartMoments, "late"> =>
  fresh === undefined ? {} : { late: { by: step - fresh.step, carried: fresh.carried } };

/**
 * The moments beside the weights that are trained, where they are of the same optimiser; what becomes of them is told. Parameters of
 * another size, or without moments, begin at zero.
 */
export async function startMoments(
  start: Pick<TrainingStart, "moments" | "spec">,
  settings: Pick<CheckedTrainSettings, "moments" | "optimizer">,
  { emit }: Pick<Context, "emit">,
): Promise<StartMoments | undefined> {
  const found = settings.moments === "anew" ? undefined : await start.moments();
  if (found === undefined) return undefined;
  const of = parameterCount(start.spec.layout);
  if ("reason" in found) {
    emit({ type: "moments", entries: 0, of, reason: found.reason });
    return undefined;
  }
  try {
    const { optimizer, step } = found;
    if (optimizer !== settings.optimizer) {
      const reason = `they are those of ${optimizer}, and this training has ${settings.optimizer}`;
      emit({ type: "moments", entries: 0, of, reason });
      return undefined;
    }
    const { entries, state } = await readMoments(found, start.spec.layout);
    emit({ type: "moments", entries, of, optimizer, step });
    return { steps: step, state, ...lateOf(found) };
  } finally {
    await found.close();
  }
}

async function readMoments(
  found: OpenedMoments,
  layout: Layout,
): Promise<{ readonly entries: number; readonly state: Record<string, Float32Array> }> {
  const state: Record<string, Float32Array> = {};
  let entries = 0;
  for (const { name, parameter, shape } of expandLayout(layout)) {
    const size = elementCount(shape);
    if (!isOwned(parameter) || found.size(name) !== size) continue;
    for (const order of ["first", "second"] as const)
      state[momentName(order, name)] = await found.read(order, name);
    const carried = found.fresh?.carried.get(name);
    entries += carried?.reduce((count, rows) => count * rows.filter(Boolean).length, 1) ?? size;
  }
  return { entries, state };
}

/** Updates that were skipped, as their gradients were not finite. */
const skippedIn = (state: StoredStart["state"]): number =>
  state["loss_scale/skipped_steps"]?.[0] ?? 0;

/** The same of a run that goes on: its checkpoint holds the moments. */
export function resumedMoments({ facts, state, steps }: StoredStart): StartMoments | undefined {
  if (facts === undefined) return undefined;
  const before = facts.step - (steps - skippedIn(state));
  return { steps: before, state: {}, ...lateOf(facts) };
}

/** What is said of moments after so many updates of a training. */
export function momentsNow(
  begun: StartMoments | undefined,
  settings: Pick<CheckedTrainSettings, "beta1" | "beta2" | "optimizer">,
  steps: number,
  state: StoredStart["state"],
): MomentFacts {
  const { beta1, beta2, optimizer } = settings;
  const step = (begun?.steps ?? 0) + steps - skippedIn(state);
  const late = begun?.late;
  return {
    optimizer,
    step,
    beta1,
    beta2,
    ...(late === undefined ? {} : { fresh: { step: step - late.by, carried: late.carried } }),
  };
}
