import { ConfigError, type Architecture, type Layout, type RawConfig } from "@ligo/core";
import { isOwned, keysBehind, parameterShape } from "@ligo/core/layout";

/** Most layers of a stack; the deepest models have under 200, the deepest of research a thousand. */
const MOST_LAYERS = 1024;
/** Most parameters; the largest models have a trillion. */
const MOST_PARAMETERS = 1e13;

/** What a config describes. */
interface Described {
  readonly architecture: Pick<Architecture, "layout">;
  readonly config: RawConfig;
  readonly className: string;
  readonly layout: Layout;
  readonly file: string;
}

/**
 * Refuses counts that no model has, before anything is as many times done. Throws `ConfigError` `config/too-large`, which names
 * the key.
 */
export function checkBounds(described: Described): void {
  const { config, file, layout } = described;
  for (const [stack, { layers }] of Object.entries(layout.stacks)) {
    if (layers <= MOST_LAYERS) continue;
    const alike = Object.entries(config).filter(([, value]) => value === layers);
    const fewer = Object.fromEntries(alike.map(([key]) => [key, 1]));
    const [key = "its number of layers"] = keysBehind(
      described,
      fewer,
      (one) => one.stacks[stack]?.layers,
    );
    throw new ConfigError(
      "config/too-large",
      `${file}: ${key} is ${layers}, more than the ${MOST_LAYERS} layers that any model has. Correct it.`,
      { file, expected: `at most ${MOST_LAYERS}`, actual: `${key} = ${layers}` },
    );
  }
  const parameters = layout.parameters.filter(isOwned).reduce((sum, parameter) => {
    const numbers = parameterShape(layout, parameter).reduce((product, size) => product * size, 1);
    return sum + numbers * (layout.stacks[parameter.stack ?? ""]?.layers ?? 1);
  }, 0);
  if (parameters <= MOST_PARAMETERS) return;
  const largest = Object.entries(config)
    .filter((entry): entry is [string, number] => typeof entry[1] === "number")
    .toSorted(([, a], [, b]) => b - a);
  const [[key, value] = ["a size", 0]] = largest;
  throw new ConfigError(
    "config/too-large",
    `${file} describes ${parameters.toExponential(1)} parameters, more than the ${MOST_PARAMETERS} that any model has. ` +
      `Correct its sizes: the largest is ${key}, ${value}.`,
    { file, expected: `at most ${MOST_PARAMETERS} parameters`, actual: String(parameters) },
  );
}
