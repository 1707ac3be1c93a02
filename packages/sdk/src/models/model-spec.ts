import { checkConfig, type Architecture, type Layout, type RawConfig } from "@ligo/core";
import { UsageError } from "../usage-error.js";
import { withFile } from "./with-file.js";

/** A model as its config describes it. */
export interface ModelSpec {
  readonly architecture: Architecture;
  /** The config's keys as they were read. */
  readonly raw: RawConfig;
  /** The config as the architecture understands it, defaults filled in. */
  readonly config: RawConfig;
  readonly className: string;
  readonly layout: Layout;
  /** Where the config is from, for messages. */
  readonly file: string;
}

/** The class a config names first. */
function namedClass(raw: RawConfig): string | undefined {
  const { architectures } = raw;
  if (!Array.isArray(architectures)) return undefined;
  const first: unknown = architectures[0];
  return typeof first === "string" ? first : undefined;
}

/**
 * Checks a config and lays its model out. The class is the config's, else `fallbackClass`, else the architecture's first.
 * Throws `ConfigError` `config/invalid`, {@link UsageError} `sdk/unknown-class`, `LayoutError`.
 */
export function describeModel(
  architecture: Architecture,
  raw: RawConfig,
  file: string,
  fallbackClass?: string,
): ModelSpec {
  const className = namedClass(raw) ?? fallbackClass ?? architecture.architectures[0] ?? "";
  if (!architecture.architectures.includes(className)) {
    const known = architecture.architectures.join(", ");
    throw new UsageError(
      "sdk/unknown-class",
      `${file}: LiGO does not know the ${String(raw["model_type"])} class "${className}". It knows ${known}.`,
      { file, expected: known, actual: className },
    );
  }
  const config = checkConfig(architecture, raw, file);
  const layout = withFile(file, () => architecture.layout(config, className));
  return { architecture, raw, config, className, layout, file };
}
