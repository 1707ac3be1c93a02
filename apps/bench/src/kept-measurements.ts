import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";

/** Makes a measurement by name, unless it was made before. */
export type MeasureOnce = <M>(name: string, measure: () => M | Promise<M>) => Promise<M>;

/** Measurements that are kept in a file, a JSON line each, so that a run that was broken off goes on where it stood. */
export function keptMeasurements(file: string | undefined): MeasureOnce {
  const known = new Map<string, unknown>();
  if (file !== undefined && existsSync(file)) {
    const text = readFileSync(file, "utf8");
    // A run that was broken off may leave half a line.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole !== text) writeFileSync(file, whole);
    for (const line of whole.split("\n").filter(Boolean)) {
      const [name, value] = JSON.parse(line) as [string, unknown];
      known.set(name, value);
    }
  }
  return async <M>(name: string, measure: () => M | Promise<M>): Promise<M> => {
    if (known.has(name)) return known.get(name) as M;
    const value = await measure();
    known.set(name, value);
    if (file !== undefined) appendFileSync(file, `${JSON.stringify([name, value])}\n`);
    return value;
  };
}
