import { methods } from "@ligo/core";

/** The growing methods by name: the sentence that says what each does, and its source. */
export const GROW_METHODS: Readonly<
  Record<string, { readonly does: string; readonly source: string }>
> = Object.fromEntries(
  methods.map(({ name, says, source }) => [name, { does: says, source }] as const),
);

/** The list of methods for `ligo grow --help`. */
export function describeMethods(): string {
  const width = Math.max(...methods.map(({ name }) => name.length));
  return [
    "Methods:",
    ...methods.map(({ name, says, source }) => `  ${name.padEnd(width)}  ${says} (${source})`),
  ].join("\n");
}
