import { ConfigError, type Architecture, type Layout, type RawConfig } from "@ligo/core";
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
 * Throws {@link ConfigError} `config/invalid`, {@link UsageError} `cli/unknown-class`, `LayoutError`.
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
      "cli/unknown-class",
      `${file}: LiGO does not know the ${architecture.modelType} class "${className}". It knows ${known}.`,
      { file, expected: known, actual: className },
    );
  }
  const config = checkConfig(architecture, raw, file);
  const layout = withFile(file, () => architecture.layout(config, className));
  return { architecture, raw, config, className, layout, file };
}

function checkConfig(architecture: Architecture, raw: RawConfig, file: string): RawConfig {
  const checked = architecture.config.safeParse(raw);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map(({ path, message }) => ({
    key: path.join("."),
    message,
  }));
  const text = problems.map(({ key, message }) => (key === "" ? message : `${key}: ${message}`));
  const key = problems[0]?.key ?? "";
  const value = raw[key];
  throw new ConfigError("config/invalid", `${file}: ${text.join("; ")}.`, {
    file,
    expected: problems[0]?.message,
    actual: value === undefined ? `no ${key}` : `${key} = ${JSON.stringify(value)}`,
  });
}
