/** Whether a growth keeps the function, and if not, why. */
export type KeptFunction =
  | { readonly kept: true }
  | { readonly kept: false; readonly reasons: readonly string[] };

/** Kept, unless there are reasons against it. */
export function keptUnless(reasons: readonly string[]): KeptFunction {
  return reasons.length === 0 ? { kept: true } : { kept: false, reasons };
}
