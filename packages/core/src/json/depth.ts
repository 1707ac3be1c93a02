/** Most levels of objects and lists within each other that a JSON text may have; real ones have under 20. */
export const MAX_DEPTH = 500;

/** Throws a `SyntaxError` where objects and lists stand within each other more than `most` levels deep. */
export function checkDepth(value: unknown, most: number): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const holder of level) {
      if (typeof holder !== "object" || holder === null) continue;
      for (const inner of Object.values(holder) as unknown[]) {
        if (typeof inner === "object" && inner !== null) next.push(inner);
      }
    }
    if (depth + 1 >= most && next.length > 0) {
      throw new SyntaxError(`it is nested deeper than ${most} levels`);
    }
    level = next;
  }
}
