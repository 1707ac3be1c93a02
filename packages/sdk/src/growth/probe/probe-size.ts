/** Share of the budget that a probe may take. */
export const PROBE_SHARE = 0.05;

/** A forward pass, as a share of a training step on the same data. */
const FORWARD = 1 / 3;

/** Share of the probe that goes to held-out losses, at most. */
const JUDGING = 0.3;

/** Held-out examples that starts are compared by, at most. */
const MOST_JUDGED = 64;

/**
 * Steps of the first look at most. Half-trained GPT-2s and BERTs of the mini experiments stand within 0.1 of what keeps the
 * function after eight steps; after three, what the optimiser's first steps shake still hides it.
 */
const FIRST_STEPS = 8;

/** Steps of a look over those of the look before. */
const LONGER = 4;

export interface ProbeSizeOptions {
  /** Tokens or images that will be trained on. */
  readonly budget: number;
  /** Tokens or images of an update, and of one example. */
  readonly perStep: number;
  readonly perExample: number;
  readonly starts: number;
}

/** A look at the starts: steps that each is trained for, and tokens or images that it costs. */
export interface Look {
  readonly steps: number;
  readonly cost: number;
}

/** Size of a probe. */
export interface ProbeSize {
  /** Held-out examples that every loss is taken over; 0 where the budget pays for no probe. */
  readonly examples: number;
  /** Tokens or images that the loss of the source costs. */
  readonly source: number;
  /** Looks that may be taken, one after the other, each from the beginning. */
  readonly looks: readonly Look[];
}

/**
 * The size of a probe that takes at most {@link PROBE_SHARE} of a budget: the loss of the source, and looks at the starts, with
 * their losses before and after some training. Costs are as training's: a forward pass is a third of a step.
 */
export function probeSize({ budget, perExample, perStep, starts }: ProbeSizeOptions): ProbeSize {
  const allowed = PROBE_SHARE * budget;
  // the source once, and each start before and after its training
  const perJudged = FORWARD * perExample * (1 + 2 * starts);
  const examples = Math.min(MOST_JUDGED, Math.floor((JUDGING * allowed) / perJudged));
  if (examples === 0) return { examples: 0, source: 0, looks: [] };
  const source = FORWARD * perExample * examples;
  const affordable = (money: number): number =>
    Math.floor((money - 2 * starts * source) / (starts * perStep));
  const looks: Look[] = [];
  let left = allowed - source;
  let steps = Math.min(FIRST_STEPS, affordable(left));
  while (looks.length === 0 || (steps >= FIRST_STEPS && steps <= affordable(left))) {
    const cost = starts * (2 * source + steps * perStep);
    looks.push({ steps, cost });
    left -= cost;
    steps *= LONGER;
  }
  return { examples, source, looks };
}
