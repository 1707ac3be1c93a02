/** Share of the budget that a probe may take. */
export const PROBE_SHARE = 0.05;

/** A forward pass, as a share of a training step on the same data. */
const FORWARD = 1 / 3;

/** Share of the probe that goes to held-out losses, at most. */
const JUDGING = 0.3;

/** Held-out examples that starts are compared by, at most. */
const MOST_JUDGED = 64;

export interface ProbeSizeOptions {
  /** Tokens or images that will be trained on. */
  readonly budget: number;
  /** Tokens or images of an update, and of one example. */
  readonly perStep: number;
  readonly perExample: number;
  readonly starts: number;
}

/** Size of a probe. */
export interface ProbeSize {
  /** Held-out examples that every loss is taken over; 0 where the budget pays for no probe. */
  readonly examples: number;
  /** Steps that each start is trained for. */
  readonly steps: number;
  /** Tokens or images that all this costs, as training would: a forward pass is a third of a step. */
  readonly cost: number;
}

/** The size of a probe that takes at most {@link PROBE_SHARE} of a budget: losses of source and starts, and some training. */
export function probeSize({ budget, perExample, perStep, starts }: ProbeSizeOptions): ProbeSize {
  const allowed = PROBE_SHARE * budget;
  // the source once, and each start before and after its training
  const perJudged = FORWARD * perExample * (1 + 2 * starts);
  const examples = Math.min(MOST_JUDGED, Math.floor((JUDGING * allowed) / perJudged));
  if (examples === 0) return { examples: 0, steps: 0, cost: 0 };
  const steps = Math.floor((allowed - examples * perJudged) / (starts * perStep));
  return { examples, steps, cost: examples * perJudged + starts * steps * perStep };
}
