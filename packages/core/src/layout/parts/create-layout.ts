import { ConfigError } from "../../errors/config-error.js";
import { axisSpaces } from "../layout-names.js";
import type { Layout, Parameter } from "../layout.js";

/** A layout with the spaces its parameters use; others of `spaces` are left out. */
export function createLayout(
  layout: Omit<Layout, "renames" | "drops"> & Partial<Pick<Layout, "renames" | "drops">>,
): Layout {
  const used = new Set(layout.parameters.flatMap(({ axes }) => axes.flatMap(axisSpaces)));
  return {
    renames: [],
    drops: [],
    ...layout,
    spaces: Object.fromEntries(Object.entries(layout.spaces).filter(([name]) => used.has(name))),
  };
}

/** Entry of a table by Hugging Face class. Throws `config/unknown-class`, which names those it has. */
export function ofClass<T>(table: Readonly<Record<string, T>>, className: string): T {
  const found = Object.hasOwn(table, className) ? table[className] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(table).join(", ");
  throw new ConfigError(
    "config/unknown-class",
    `There is no class ${className} of this architecture; choose one of ${known}.`,
    { expected: known, actual: className },
  );
}

/** Drop patterns for parts a class may lack though its files hold them: those of `prefixes` no parameter starts with. */
export function absentParts(
  parameters: readonly Parameter[],
  prefixes: readonly string[],
): readonly string[] {
  return prefixes
    .filter((prefix) => !parameters.some(({ name }) => name.startsWith(prefix)))
    .map((prefix) => `^${prefix.replaceAll(".", "\\.")}`);
}
