import { checkConfig, type Architecture, type Layout, type RawConfig } from "@ligo/core";
import { canonicalKeys } from "@ligo/core/layout";
import { checkBounds } from "./layout-bounds.js";
import { UsageError } from "../usage-error.js";
import { withFile } from "./with-file.js";
import { modelTypeOf } from "./model-type.js";

/** A model as its config describes it. */
export interface ModelSpec {
  readonly architecture: Architecture;
  /** The config's keys as they were read, under the names that the architecture reads. */
  readonly raw: RawConfig;
  /** Keys that stored tensors tell: they stand above those of `raw`, and are not written. */
  readonly implied: RawConfig;
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
 * Throws `ConfigError` `config/invalid`, `config/alias-conflict` and `config/too-large`, {@link UsageError}
 * `sdk/unknown-class`, `LayoutError`.
 *
 * @param implied keys that stored tensors tell. Default none.
 */
export function describeModel(
  architecture: Architecture,
  given: RawConfig,
  file: string,
  fallbackClass?: string,
  implied: RawConfig = {},
): ModelSpec {
  const raw = canonicalKeys(architecture, given, file);
  const className = namedClass(raw) ?? fallbackClass ?? architecture.architectures[0] ?? "";
  if (!architecture.architectures.includes(className)) {
    const known = architecture.architectures.join(", ");
    throw new UsageError(
      "sdk/unknown-class",
      `${file}: LiGO does not know the ${modelTypeOf(raw)} class "${className}". It knows ${known}.`,
      { file, expected: known, actual: className },
    );
  }
  const config = checkConfig(architecture, { ...raw, ...implied }, file);
  const layout = withFile(file, () => architecture.layout(config, className));
  const described = { architecture, raw, implied, config, className, layout, file };
  checkBounds(described);
  return described;
}

/** A model whose config has other values of some keys. */
export function withKeys<Spec extends ModelSpec>(model: Spec, keys: RawConfig): Spec {
  const { architecture, className, file, implied, raw } = model;
  return {
    ...model,
    ...describeModel(architecture, { ...raw, ...keys }, file, className, implied),
  };
}
