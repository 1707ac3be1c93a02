/** A name without the number of its layer: `h.{i}.mlp.c_fc.weight`. */
export const kindOf = (name: string): string => name.replaceAll(/\.\d+(?=\.)/gu, ".{i}");

/** Root mean square of all tensors of a kind together, by kind, in the order of the first of each. */
export async function rmsByKind(
  names: readonly string[],
  read: (name: string) => Promise<Float32Array>,
): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, { squares: number; count: number }>();
  for (const name of names) {
    const kind = kindOf(name);
    const sum = sums.get(kind) ?? { squares: 0, count: 0 };
    const data = await read(name);
    for (const value of data) sum.squares += value * value;
    sum.count += data.length;
    sums.set(kind, sum);
  }
  return new Map([...sums].map(([kind, { count, squares }]) => [kind, Math.sqrt(squares / count)]));
}

/** Rows of a table, the head first: the source's root mean square, and the ratio of each grown model to it. */
export function rmsRows(
  grown: readonly string[],
  source: ReadonlyMap<string, number>,
  others: readonly ReadonlyMap<string, number>[],
): string[][] {
  const rows = [...source].map(([kind, value]) => [
    kind,
    value.toPrecision(3),
    ...others.map((one) => {
      const found = one.get(kind);
      return found === undefined || value === 0 ? "-" : (found / value).toFixed(3);
    }),
  ]);
  return [["tensor", "source", ...grown.map((name) => name.split("/").at(-1) ?? name)], ...rows];
}
