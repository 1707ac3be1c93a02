import type { Numbers, TensorSpecs } from "@ligo/engine";
import type { Feeds } from "./task.js";

/** The arrays of a batch that specs declare. */
export function pickFeeds(batch: object, specs: TensorSpecs): Feeds {
  const arrays = batch as Readonly<Record<string, Numbers>>;
  return Object.fromEntries(Object.keys(specs).map((name) => [name, arrays[name] as Numbers]));
}
