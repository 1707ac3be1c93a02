import { parameterCount } from "@ligo/core";
import { growMoments, type GrownMoments } from "./grow-moments.js";
import type { GrownContents } from "./grown-contents.js";

/** Optimisers whose moments are means of gradients, and of their squares. */
const OF_ADAM: readonly string[] = ["adamw", "lamb"];

/**
 * Works with the moments of a grown model; with none where the source has none, or they are left. What becomes of them is told, and
 * those of the source are closed.
 */
export async function withGrownMoments<T>(
  contents: Pick<GrownContents, "context" | "growth" | "operator" | "origins" | "settings">,
  work: (moments: GrownMoments | undefined) => Promise<T>,
): Promise<T> {
  const { context, growth, operator, settings } = contents;
  const found = settings.moments === "anew" ? undefined : await growth.source.moments();
  if (found === undefined) return work(undefined);
  const leave = (reason: string): Promise<T> => {
    context.emit({ type: "moments", entries: 0, of: parameterCount(growth.target.layout), reason });
    return work(undefined);
  };
  if ("reason" in found) return leave(found.reason);
  try {
    if (!OF_ADAM.includes(found.optimizer))
      return await leave(
        `those of ${found.optimizer} are no means of gradients and of their squares`,
      );
    const origins = await contents.origins();
    const moments = await growMoments(growth, operator, origins, found, context);
    context.emit({ type: "moments", ...moments.counts });
    return await work(moments.counts.entries === 0 ? undefined : moments);
  } finally {
    await found.close();
  }
}
