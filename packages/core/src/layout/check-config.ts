import { ConfigError } from "../errors/config-error.js";
import type { StandardSchemaV1 } from "../standard-schema.js";
import type { Architecture, RawConfig } from "./architecture.js";
import { canonicalKeys } from "./config-keys.js";

/**
 * A `config.json` as an architecture understands it, defaults filled in. Throws a {@link ConfigError}: `config/invalid`
 * with every issue and its key, `config/alias-conflict`, `config/asynchronous-schema` for a schema that answers with a promise.
 *
 * @param file where the config is from, for messages
 */
export function checkConfig<Config extends RawConfig>(
  architecture: Pick<Architecture<Config>, "aliases" | "config" | "modelTypes">,
  raw: RawConfig,
  file?: string,
): Config {
  const checked = architecture.config["~standard"].validate(canonicalKeys(architecture, raw, file));
  if (checked instanceof Promise) {
    // its outcome is not awaited, so that it must not end the process
    checked.catch(() => undefined);
    const name = architecture.modelTypes[0] ?? "an architecture";
    throw new ConfigError(
      "config/asynchronous-schema",
      `The config schema of ${name} answers with a promise; make it synchronous.`,
      { file, expected: "a result", actual: "a promise" },
    );
  }
  if (checked.issues === undefined) return checked.value;
  const problems = checked.issues.map((issue) => ({ key: keyOf(issue), message: issue.message }));
  const texts = problems.map(({ key, message }) => (key === "" ? message : `${key}: ${message}`));
  const [first] = problems;
  const key = first?.key ?? "";
  const value = raw[key];
  throw new ConfigError("config/invalid", `${file ?? "config.json"}: ${texts.join("; ")}.`, {
    file,
    expected: first?.message,
    actual: value === undefined ? `no ${key}` : `${key} = ${JSON.stringify(value)}`,
  });
}

/** The key an issue is about: `num_attention_heads`, `image_size.0`. */
function keyOf({ path = [] }: StandardSchemaV1.Issue): string {
  return path.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
}
