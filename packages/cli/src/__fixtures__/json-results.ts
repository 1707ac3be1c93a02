import type * as sdk from "@ligo/sdk";

/** A name as JSON has it: `held_out` for `heldOut`. */
type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : Name;

/** A result as `--json` prints it. */
type Json<T> = T extends readonly (infer Item)[]
  ? readonly Json<Item>[]
  : T extends object
    ? { readonly [Name in keyof T as Name extends string ? SnakeCase<Name> : Name]: Json<T[Name]> }
    : T;

type Model = "config" | "tensors" | "companions" | "out" | "command";

export type GrowResult = Json<Omit<sdk.GrownModel, Model | "plan" | "operator">> & {
  readonly out: string;
  readonly next: string;
};
export type TrainResult = Json<Omit<sdk.TrainedModel, Model>> & { readonly out: string };
export type EvaluateResult = Json<sdk.EvaluateResult>;
export type VerifyResult = Json<sdk.VerifyResult>;
export type PlanReport = Json<Omit<sdk.PlanReport, "parameters">>;
export interface ForwardResult {
  readonly output: string;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  readonly loss?: number;
}
