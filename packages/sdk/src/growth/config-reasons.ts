/** Keys of an architecture that speak of its function. */
export interface FunctionKeys {
  readonly functionKeys: readonly string[];
  readonly normEpsilon?: string | undefined;
}

/**
 * Keys of two configs that change the function at equal weights, in words.
 *
 * @param normEpsilonScale what an operator keeps the function with: an epsilon of the norms that is so many times the source's
 */
export function configReasons(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  { functionKeys, normEpsilon }: FunctionKeys,
  normEpsilonScale: number = 1,
): string[] {
  return functionKeys.flatMap((key) => {
    const [old, now] = [JSON.stringify(before[key]), JSON.stringify(after[key])];
    const isAsked = key === normEpsilon && Number(before[key]) * normEpsilonScale === after[key];
    return old === now || isAsked ? [] : [`${key} changes from ${old} to ${now}`];
  });
}
