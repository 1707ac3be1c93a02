/** Keys of two configs that change the function at equal weights, in words. */
export function configReasons(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  { functionKeys }: { readonly functionKeys: readonly string[] },
): string[] {
  return functionKeys.flatMap((key) => {
    const [old, now] = [JSON.stringify(before[key]), JSON.stringify(after[key])];
    return old === now ? [] : [`${key} changes from ${old} to ${now}`];
  });
}
