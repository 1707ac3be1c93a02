import { ConfigError, type Architecture, type Layout, type RawConfig } from "@ligo/core";
import { isOwned, keysBehind, parameterShape } from "@ligo/core/layout";

/** Most layers of a stack; the deepest models have under 200, the deepest of research a thousand. */
const MOST_LAYERS = 1024;
/** Most units of a space that grows; the widest hold a quarter of a million. A choice of units is a list of them. */
const MOST_UNITS = 2 ** 20;
/** Most rows of a table; the largest vocabularies have a million tokens. */
const MOST_ROWS = 2 ** 24;
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
    checkCount(described, {
      count: layers,
      most: MOST_LAYERS,
      called: "its number of layers",
      unit: "layers",
      measure: (one) => one.stacks[stack]?.layers,
    });
  }
  for (const [name, { grows, size }] of Object.entries(layout.spaces)) {
    checkCount(described, {
      count: size,
      most: grows ? MOST_UNITS : MOST_ROWS,
      called: `the size of ${name}`,
      unit: grows ? "units" : "rows",
      measure: (one) => one.spaces[name]?.size,
    });
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

/** A number that a config gives, or several of its keys together. */
interface Count {
  readonly count: number;
  readonly most: number;
  /** Name where no key of the config gives it alone. */
  readonly called: string;
  readonly unit: string;
  readonly measure: (layout: Layout) => unknown;
}

function checkCount(described: Described, { called, count, measure, most, unit }: Count): void {
  if (count <= most) return;
  const { config, file } = described;
  const alike = Object.entries(config).filter(([, value]) => value === count);
  const [key = called] = keysBehind(
    described,
    Object.fromEntries(alike.map(([name]) => [name, 1])),
    measure,
  );
  throw new ConfigError(
    "config/too-large",
    `${file}: ${key} is ${count}, more than the ${most} ${unit} that any model has. Correct it.`,
    { file, expected: `at most ${most}`, actual: `${key} = ${count}` },
  );
}
