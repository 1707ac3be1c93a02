import type { Child, ChildPlace } from "./start-child.js";
import { startChild } from "./start-child.js";
import type { FoundInput } from "./findings.js";
import type { Input } from "./input.js";
import { makeInput, readSeeds, type MadeInput } from "./make-input.js";
import type { Stretch } from "./messages.js";
import { minimise, type Search } from "./minimise.js";
import { ALL_CHANGES } from "./mutate/mutate.js";
import { isFinding, signatureOf, type Finding, type Outcome } from "./outcome.js";
import { targetNamed, type Target } from "./target.js";

/** What became of the inputs of a target. */
export interface Tally {
  tried: number;
  accepted: number;
  refused: number;
  /** Findings by what is the same about them. */
  readonly findings: Map<string, number>;
  /** Codes of errors, and how often each was thrown. */
  readonly codes: Map<string, number>;
}

export const emptyTally = (): Tally => ({
  tried: 0,
  accepted: 0,
  refused: 0,
  findings: new Map(),
  codes: new Map(),
});

export interface CampaignOptions extends ChildPlace {
  /** Those that the bundle knows. */
  readonly targets: readonly Target[];
  readonly seed: number;
  /** Processes at once. */
  readonly jobs: number;
  /** Folder for what is accepted; kept only where it is given. */
  readonly keepAccepted?: string | undefined;
  /** Milliseconds that one finding may be made smaller for. */
  readonly minimising: number;
  /** Is told when a stretch is done. */
  readonly onStretch?: (stretch: Stretch, tally: Tally) => void;
  /** Is told a finding of a new kind, made smaller. */
  readonly onFinding?: (found: FoundInput) => void;
}

/** Reads stretches of inputs, as they come, in some processes at once. Returns what became of them, by target. */
export async function runCampaign(
  stretches: Iterable<Stretch>,
  options: CampaignOptions,
): Promise<ReadonlyMap<string, Tally>> {
  const tallies = new Map<string, Tally>();
  const queue = stretches[Symbol.iterator]();
  const job = async (): Promise<void> => {
    let child = startChild(options);
    try {
      for (let next = queue.next(); next.done !== true; next = queue.next()) {
        const { tally, last } = await readStretch(next.value, child, options, tallies);
        child = last;
        options.onStretch?.(next.value, tally);
      }
    } finally {
      child.stop();
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, job));
  return tallies;
}

/** Reads one stretch, in another process wherever one hangs or ends. */
async function readStretch(
  stretch: Stretch,
  first: Child,
  options: CampaignOptions,
  tallies: Map<string, Tally>,
): Promise<{ readonly tally: Tally; readonly last: Child }> {
  const total = tallies.get(stretch.target) ?? emptyTally();
  tallies.set(stretch.target, total);
  const tally = emptyTally();
  const found: { readonly index: number; readonly finding: Finding }[] = [];
  const count = (index: number, outcome: Outcome): void => {
    for (const one of [tally, total]) countOutcome(one, outcome);
    if (isFinding(outcome)) found.push({ index, finding: outcome });
  };
  let child = first;
  for (let from = stretch.from; from < stretch.to;) {
    const ended = await child.run({ ...stretch, from }, options.keepAccepted, count);
    if (ended === undefined) break;
    child.stop();
    child = startChild(options);
    const { index, outcome } = ended;
    from = index + 1;
    // a machine that was busy is no finding: it must end so once more
    const again = await child.judge(stretch.target, inputOf(stretch, index, options).input);
    if (isSpent(again)) {
      child.stop();
      child = startChild(options);
    }
    count(index, again.kind === outcome.kind ? outcome : again);
  }
  for (const one of found) {
    const signature = signatureOf(one.finding);
    const times = (total.findings.get(signature) ?? 0) + 1;
    total.findings.set(signature, times);
    tally.findings.set(signature, (tally.findings.get(signature) ?? 0) + 1);
    if (times === 1) await explain({ ...one, stretch }, options);
  }
  return { tally, last: child };
}

/** Whether a process is of no use after an outcome: it is gone, or holds so much that more would not be noticed. */
const isSpent = ({ kind }: Outcome): boolean =>
  kind === "hang" || kind === "died" || kind === "memory";

function countOutcome(tally: Tally, outcome: Outcome): void {
  tally.tried++;
  if (outcome.kind === "accepted") tally.accepted++;
  if (outcome.kind !== "refused") return;
  tally.refused++;
  tally.codes.set(outcome.code, (tally.codes.get(outcome.code) ?? 0) + 1);
}

function inputOf(
  { seed, target }: Stretch,
  index: number,
  { folder, targets }: CampaignOptions,
): MadeInput {
  const named = targetNamed(targets, target);
  return makeInput(named, readSeeds(folder, named), { seed, index });
}

/** Makes a finding of a new kind smaller, and tells it. */
async function explain(
  {
    finding,
    index,
    stretch,
  }: { readonly finding: Finding; readonly index: number; readonly stretch: Stretch },
  options: CampaignOptions,
): Promise<void> {
  const { seed, target } = stretch;
  const { base, input } = inputOf(stretch, index, options);
  const smaller = await inOwnProcess(options, signatureOf(finding), target, async (search) => {
    const changed = await withFewChanges(
      targetNamed(options.targets, target),
      stretch,
      index,
      options,
      search,
    );
    return minimise(base, changed ?? input, search);
  });
  options.onFinding?.({ target, seed, index, finding, input: smaller ?? input });
}

/** Works with a process of its own that tells whether inputs show a finding, for some time. */
async function inOwnProcess<T>(
  options: CampaignOptions,
  signature: string,
  target: string,
  work: (search: Search) => Promise<T>,
): Promise<T> {
  const end = performance.now() + options.minimising;
  let child = startChild(options);
  try {
    return await work({
      isOver: () => performance.now() > end,
      async shows(input) {
        const outcome = await child.judge(target, input);
        if (isSpent(outcome)) {
          child.stop();
          child = startChild(options);
        }
        return isFinding(outcome) && signatureOf(outcome) === signature;
      },
    });
  } finally {
    child.stop();
  }
}

/** The input with as few of its changes as still show a finding; `undefined` where it shows it no more. */
async function withFewChanges(
  target: Target,
  { seed }: Stretch,
  index: number,
  { folder }: ChildPlace,
  { isOver, shows }: Search,
): Promise<Input | undefined> {
  const seeds = readSeeds(folder, target);
  const kept = new Set(ALL_CHANGES);
  const inputNow = (): Input => makeInput(target, seeds, { seed, index }, kept).input;
  if (!(await shows(inputNow()))) return undefined;
  for (const change of ALL_CHANGES) {
    if (isOver()) break;
    kept.delete(change);
    if (!(await shows(inputNow()))) kept.add(change);
  }
  return inputNow();
}
