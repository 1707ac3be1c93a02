import type { Architecture, RawConfig } from "@ligo/core";

/** Keys of a config that the names of stored tensors tell: `add_pooling_layer` is false where no tensor is a pooler's. */
export function impliedKeys(
  { optionalParts = {} }: Pick<Architecture, "optionalParts">,
  storedNames: Iterable<string>,
): RawConfig {
  const names = [...storedNames];
  const absent = Object.entries(optionalParts).filter(
    ([, part]) => !names.some((name) => name.startsWith(part) || name.includes(`.${part}`)),
  );
  return Object.fromEntries(absent.map(([key]) => [key, false]));
}
