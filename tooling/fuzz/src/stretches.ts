import type { Stretch } from "./messages.js";
import type { Target } from "./target.js";

/** Inputs that a target of weight 1 gets before the next target has its turn. */
const TURN = 20;

export interface StretchOptions {
  readonly targets: readonly Target[];
  readonly seed: number;
  /** Numbers that targets begin with; default 0. */
  readonly begun?: ReadonlyMap<string, number>;
  /** Whether another stretch may begin. */
  readonly goesOn: (given: number) => boolean;
}

/** Stretches of inputs, target after target and again, as long as there may be more. */
export function* stretchesOf({
  begun = new Map(),
  goesOn,
  seed,
  targets,
}: StretchOptions): Generator<Stretch, void, undefined> {
  const next = new Map(targets.map(({ name }) => [name, begun.get(name) ?? 0]));
  for (let given = 0; ;) {
    for (const { name, weight } of targets) {
      if (!goesOn(given)) return;
      const from = next.get(name) ?? 0;
      const to = from + TURN * weight;
      next.set(name, to);
      given += to - from;
      yield { target: name, seed, from, to };
    }
  }
}
