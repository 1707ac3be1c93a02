import {
  methodNamed,
  type Architecture,
  type Layout,
  type MethodName,
  type Plan,
} from "@ligo/core";
import { LEARNER } from "../../settings/method.js";
import type { CheckedGrowSettings } from "../../settings/types.generated.js";
import type { ProbedStart } from "./facts.js";

/** Settings of where learning starts. */
export type StartSettings = Partial<
  Pick<CheckedGrowSettings, "start" | "ownDeviation" | "readPower">
>;

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
  /** Settings that LiGO is taken with. */
  readonly learning: StartSettings;
}

/** Settings of a method among candidates. */
export const candidateSettings = ({ learning }: Candidates, method: MethodName): StartSettings =>
  method === LEARNER ? learning : {};

/** A method among candidates, and where its learning starts from if that is not its own start. */
export function namedCandidate(
  candidates: Candidates,
  method: MethodName,
): Pick<ProbedStart, "method" | "start"> {
  const { start } = candidateSettings(candidates, method);
  return start === undefined ? { method } : { method, start };
}

/** From half-trained DeiTs this ends lowest of all, 0.026 below direct copy; of text LiGO's own start does. */
const OF_IMAGES: StartSettings = { start: "direct-copy", ownDeviation: true, readPower: 0.5 };

const isOfImages = ({ spaces }: Layout): boolean =>
  Object.values(spaces).some(({ rows }) => rows?.of === "patches");

/** The starts that a growth is chosen from: LiGO, which ends lowest from half-trained sources, and what keeps the function. */
export function candidatesOf(plan: Plan, architecture: Architecture): Candidates {
  const keeper = KEEPERS.find((name) => methodNamed(name).keepsFunction(plan, architecture).kept);
  const nearest = keeper ?? "lemon";
  return {
    keeper: nearest,
    keeps: keeper !== undefined,
    starts: [LEARNER, nearest],
    learning: isOfImages(plan.target) ? OF_IMAGES : {},
  };
}
