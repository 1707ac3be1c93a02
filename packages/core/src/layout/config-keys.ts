import { ConfigError } from "../errors/config-error.js";
import type { Architecture, RawConfig } from "./architecture.js";

/**
 * A config with every key under the name that its architecture reads: `n_layer` for `num_hidden_layers` of a GPT-2. Throws
 * {@link ConfigError} `config/alias-conflict` where both names are there with different values.
 *
 * @param file where the config is from, for messages
 */
export function canonicalKeys(
  { aliases = {} }: Pick<Architecture, "aliases">,
  raw: RawConfig,
  file: string = "config.json",
): RawConfig {
  const present = Object.entries(aliases).filter(([alias]) => Object.hasOwn(raw, alias));
  if (present.length === 0) return raw;
  let renamed: RawConfig = raw;
  for (const [alias, key] of present) {
    const { [alias]: value, ...others } = renamed;
    if (Object.hasOwn(others, key) && JSON.stringify(others[key]) !== JSON.stringify(value))
      throw conflict(file, [key, others[key]], [alias, value]);
    renamed = { ...others, [key]: value };
  }
  return renamed;
}

function conflict(
  file: string,
  [key, value]: readonly [string, unknown],
  [alias, other]: readonly [string, unknown],
): ConfigError {
  const [one, two] = [value, other].map((item) => JSON.stringify(item));
  return new ConfigError(
    "config/alias-conflict",
    `${file}: ${key} is ${one} and ${alias} is ${two}, but both are names of one key. Remove one of them.`,
    { file, expected: `${key} = ${one}`, actual: `${alias} = ${two}` },
  );
}

/** Keys of `config.json` that an architecture reads: those its schema looks up, and their further names. */
export function configKeys({
  aliases = {},
  config,
}: Pick<Architecture, "aliases" | "config">): readonly string[] {
  const asked = new Set<string>();
  const empty = new Proxy(Object.create(null) as Record<string, unknown>, {
    get(_, key) {
      if (typeof key === "string") asked.add(key);
      return undefined;
    },
  });
  const checked = config["~standard"].validate(empty);
  if (checked instanceof Promise) checked.catch(() => undefined);
  return [...asked, ...Object.keys(aliases)];
}
