import { readFileSync } from "node:fs";

/** Numbers of tensors by name. */
export type Values = Readonly<Record<string, readonly number[]>>;

/** Updates recorded with an optimiser of other software, by the names of its settings. */
export interface RecordedSteps {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly weightDecay: number;
        readonly start: Values;
        readonly steps: readonly {
          readonly rate: number;
          readonly norm: number;
          readonly gradients: Values;
          readonly values: Values;
          readonly firstMoments: Values;
          readonly secondMoments: Values;
        }[];
      }
    >
  >;
}

/** The recording of a name in this folder. */
export const readRecorded = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), "utf8"));
