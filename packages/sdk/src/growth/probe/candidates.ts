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

/** The starts that a growth is chosen from: LiGO, which ends lowest from half-trained sources, and what keeps the function. */
export function candidatesOf(plan: Plan, architecture: Architecture): Candidates {
  const keeper = KEEPERS.find((name) => methodNamed(name).keepsFunction(plan, architecture).kept);
  const nearest = keeper ?? "lemon";
  return { keeper: nearest, keeps: keeper !== undefined, starts: ["ligo", nearest] };
}
