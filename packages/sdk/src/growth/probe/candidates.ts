import { methodNamed, type Architecture, type MethodName, type Plan } from "@ligo/core";

/** Methods that can keep the function without data, those first that can still learn the most. */
const KEEPERS: readonly MethodName[] = ["lossless-fresh", "lemon", "zero-block", "stack"];

/** Starts to choose among. */
export interface Candidates {
  /** The method that keeps the function, or else comes nearest to it. */
  readonly keeper: MethodName;
  /** Whether it does keep the function. */
  readonly keeps: boolean;
  /** Starts worth a probe, in order of preference; the keeper is the last. */
  readonly starts: readonly MethodName[];
}

/**
 * The starts that a growth is chosen from. From half-trained sources learning pays where norms stand before the sublayers, and
 * otherwise what draws new units afresh does as well without it.
 */
export function candidatesOf(plan: Plan, architecture: Architecture): Candidates {
  const keeper = KEEPERS.find((name) => methodNamed(name).keepsFunction(plan, architecture).kept);
  const stacks = Object.values(plan.target.stacks);
  const preferred: MethodName = stacks.some(({ norm }) => norm === "post") ? "direct-copy" : "ligo";
  const nearest = keeper ?? "lemon";
  return { keeper: nearest, keeps: keeper !== undefined, starts: [preferred, nearest] };
}
