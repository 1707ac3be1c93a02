import { MethodError } from "../errors/method-error.js";
import { nearestName } from "../nearest-name.js";
import type { StandardSchemaV1 } from "../standard-schema.js";

/** The options of a method, picked from many settings. */
export function ownOptions({ options }: { readonly options: object }, settings: object): object {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => Object.hasOwn(options, name)),
  );
}

/** A method as far as checking its options needs it. */
interface WithOptions {
  readonly name: string;
  readonly options: Readonly<Record<string, StandardSchemaV1>>;
}

/**
 * The options of a method with their defaults filled in.
 *
 * Throws `method/unknown-option` for a name that the method lacks, `method/option` for values out of range, all of them at
 * once.
 */
export function checkOptions<Options extends object>(method: object, given: object): Options {
  const { name, options } = method as WithOptions;
  const values = given as Readonly<Record<string, unknown>>;
  const faults: string[] = [];
  for (const key of Object.keys(values)) {
    if (Object.hasOwn(options, key) || values[key] === undefined) continue;
    throw unknownOption(name, key, Object.keys(options));
  }
  const checked = Object.entries(options).map(([key, schema]) => {
    const result = schema["~standard"].validate(values[key]);
    if (result instanceof Promise)
      throw new MethodError(
        "method/option",
        `The schema of \`${key}\` of \`method: "${name}"\` answers later; schemas of options have to answer at once.`,
        { expected: "a schema that answers at once", actual: "a promise" },
      );
    if (result.issues === undefined) return [key, result.value] as const;
    const problems = result.issues.map(({ message }) => message).join(", ");
    faults.push(`\`${key}\`: ${problems}; given ${JSON.stringify(values[key])}`);
    return [key, undefined] as const;
  });
  if (faults.length > 0) {
    throw new MethodError(
      "method/option",
      `Options of \`method: "${name}"\` are out of range: ${faults.join("; ")}.`,
      { actual: faults.join("; ") },
    );
  }
  return Object.fromEntries(checked.filter(([, value]) => value !== undefined)) as Options;
}

function unknownOption(method: string, key: string, known: readonly string[]): MethodError {
  const nearest = nearestName(key, known);
  const hint =
    nearest === undefined
      ? "it has no options"
      : `did you mean \`${nearest}\`? It has ${known.map((one) => `\`${one}\``).join(", ")}`;
  return new MethodError(
    "method/unknown-option",
    `\`method: "${method}"\` has no option \`${key}\`; ${hint}.`,
    { expected: known.join(", "), actual: key },
  );
}
