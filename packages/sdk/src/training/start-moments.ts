import { elementCount, parameterCount, type Layout } from "@ligo/core";
import { expandLayout, isOwned } from "@ligo/core/layout";
import type { Context } from "../context.js";
import { momentName, type MomentFacts, type OpenedMoments } from "../moments/moments.js";
import { unbiased } from "../moments/unbiased.js";
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
  readonly late?:
    | undefined
    | {
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
    const { entries, late, state } = await readMoments(found, start.spec.layout);
    emit({ type: "moments", entries, of, optimizer, step });
    return { steps: step, state, late };
  } finally {
    await found.close();
  }
}

/** Moments that were read, and how many entries they are of. */
interface ReadMoments extends Pick<StartMoments, "late" | "state"> {
  readonly entries: number;
}

async function readMoments(found: OpenedMoments, layout: Layout): Promise<ReadMoments> {
  const tensors = expandLayout(layout).filter(({ parameter }) => isOwned(parameter));
  const lacking = tensors.filter(({ name, shape }) => found.size(name) !== elementCount(shape));
  const late = lateWith(found, lacking);
  const isWhole = late !== undefined && late.by !== found.step;
  const read = unbiased(isWhole ? { ...found, fresh: undefined } : found, layout);
  const state: Record<string, Float32Array> = {};
  let entries = 0;
  for (const { name, shape } of tensors) {
    const size = elementCount(shape);
    if (found.size(name) !== size) continue;
    for (const order of ["first", "second"] as const)
      state[momentName(order, name)] = await read(order, name, new Float32Array(size), 0);
    const carried = found.fresh?.step === 0 ? found.fresh.carried.get(name) : undefined;
    entries += carried?.reduce(ones, 1) ?? size;
  }
  return { entries, state, ...(late === undefined ? {} : { late }) };
}

const ones = (count: number, rows: Uint8Array): number => count * rows.filter(Boolean).length;

/** Entries that begin at zero: those of a growth, and parameters that have no moments, from when the later ones began. */
function lateWith(
  found: MomentFacts,
  lacking: readonly { readonly name: string; readonly shape: readonly number[] }[],
): StartMoments["late"] {
  const { late } = lateOf(found);
  if (lacking.length === 0) return late;
  const none = lacking.map(
    ({ name, shape }) => [name, shape.map((size) => new Uint8Array(size))] as const,
  );
  const begun = late?.by === found.step ? late.carried : new Map();
  return { by: found.step, carried: new Map([...begun, ...none]) };
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
