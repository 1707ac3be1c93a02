import { COMMAND_FLAGS, FLAGS } from "./flags.generated.js";

/** Settings as words of a command line; those that are not given, or are the command's defaults, are left out. */
export function settingWords(
  settings: string,
  given: Readonly<Record<string, unknown>>,
): readonly string[] {
  const defaults = COMMAND_FLAGS[settings]?.defaults ?? {};
  return Object.entries(given).flatMap(([name, value]) => {
    const flag = FLAGS[name]?.flag;
    if (flag === undefined || value === undefined || value === defaults[name]) return [];
    if (value === false) return [`--no-${flag}`];
    if (value === true) return [`--${flag}`];
    const words: readonly unknown[] = Array.isArray(value) ? value : [value];
    return [`--${flag}`, ...words.map(String)];
  });
}
