import type { Architecture, RawConfig } from "./architecture.js";
import type { Layout } from "./layout.js";

/** A config whose layout is asked for. */
interface Described {
  readonly architecture: Pick<Architecture, "layout">;
  readonly config: RawConfig;
  readonly className: string;
}

/**
 * Keys of a config that something in its layout comes from: each that changes it, set to another value by itself.
 *
 * @param changes other values by key
 * @param measure what is looked at: the size of a space, the layers of a stack
 */
export function keysBehind(
  { architecture, className, config }: Described,
  changes: RawConfig,
  measure: (layout: Layout) => unknown,
): readonly string[] {
  const measured = (one: RawConfig): string | undefined => {
    try {
      return JSON.stringify(measure(architecture.layout(one, className)));
    } catch {
      return undefined;
    }
  };
  const before = measured(config);
  return Object.entries(changes)
    .filter(([key, value]) => measured({ ...config, [key]: value }) !== before)
    .map(([key]) => key);
}
