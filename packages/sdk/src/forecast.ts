/** A part of long work. */
export interface ForecastPart {
  /** Amount of it: steps, or floating-point operations. */
  readonly amount: number;
  /** Cost of a unit beside those of other parts, by which its time is guessed until some of it was done. Default 1. */
  readonly cost?: number;
}

/** Forecast of the time that work of several parts takes: guessed from the first parts, refined by every one. */
export interface Forecast {
  /** Notes that some of a part took so many seconds; returns the seconds that all parts still take. */
  done(part: string, seconds: number, amount?: number): number;
  /** Notes that some of a part need not be done. Default: the rest of it. */
  skip(part: string, amount?: number): void;
}

/** Share that a measurement keeps with every later one: of the last fifty or so most is left. */
const DECAY = 0.98;

interface PartState {
  left: number;
  readonly cost: number;
  /** Decayed sums of what was measured. */
  seconds: number;
  amount: number;
}

/** A forecast of work in parts. Parts that it was not told of are forecast to take no time. */
export function createForecast(parts: Readonly<Record<string, ForecastPart>>): Forecast {
  const states = new Map<string, PartState>(
    Object.entries(parts).map(([name, { amount, cost = 1 }]) => [
      name,
      { left: amount, cost, seconds: 0, amount: 0 },
    ]),
  );
  const left = (): number => {
    const measured = [...states.values()].filter(({ amount }) => amount > 0);
    const seconds = measured.reduce((sum, one) => sum + one.seconds, 0);
    const costs = measured.reduce((sum, { amount, cost }) => sum + amount * cost, 0);
    const perCost = costs > 0 ? seconds / costs : 0;
    return [...states.values()].reduce((sum, one) => {
      const pace = one.amount > 0 ? one.seconds / one.amount : one.cost * perCost;
      return sum + one.left * pace;
    }, 0);
  };
  return {
    done(part, seconds, amount = 1) {
      const state = states.get(part);
      if (state !== undefined) {
        state.left = Math.max(0, state.left - amount);
        state.seconds = DECAY * state.seconds + seconds;
        state.amount = DECAY * state.amount + amount;
      }
      return left();
    },
    skip(part, amount) {
      const state = states.get(part);
      if (state !== undefined) state.left = Math.max(0, state.left - (amount ?? state.left));
    },
  };
}

/** A forward pass, as a share of a training step on the same data. */
export const FORWARD_COST: number = 1 / 3;
