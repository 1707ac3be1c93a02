/** Adds up where the time goes, by name. */
export interface Timings {
  /** Runs work and adds its wall time to `name`. */
  time<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Adds seconds measured elsewhere; negative ones move time to another name. */
  add(name: string, seconds: number): void;
  readonly seconds: Readonly<Record<string, number>>;
}

export function createTimings(): Timings {
  const seconds: Record<string, number> = {};
  const add = (name: string, amount: number): void => {
    seconds[name] = (seconds[name] ?? 0) + amount;
  };
  return {
    seconds,
    add,
    async time(name, work) {
      const started = performance.now();
      try {
        return await work();
      } finally {
        add(name, (performance.now() - started) / 1000);
      }
    },
  };
}
