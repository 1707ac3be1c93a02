import type { Command } from "commander";
import type { FaceFlag } from "./options.js";
import { COMMAND_FLAGS, FLAGS } from "./flags.generated.js";

/** A command line, taken apart. */
export interface Call {
  /** Name of the command. */
  readonly command: string;
  /** Checkpoints, or the recipe of a comparison. */
  readonly sources: readonly string[];
  /** Settings that were given, by their names. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly face: Readonly<Partial<Record<FaceFlag, string | boolean>>>;
}

/** Takes a parsed command line apart. */
export function callOf(command: Command, settings: string, sources: readonly unknown[]): Call {
  const names = COMMAND_FLAGS[settings]?.names ?? [];
  const byFlag = new Map(names.map((name) => [FLAGS[name]?.flag, name]));
  const given: Record<string, unknown> = {};
  const face: Record<string, string | boolean> = {};
  for (const option of command.options) {
    const attribute = option.attributeName();
    if (command.getOptionValueSource(attribute) !== "cli") continue;
    const value: unknown = command.getOptionValue(attribute);
    const name = byFlag.get(option.name().replace(/^no-/u, ""));
    if (name === undefined) face[attribute] = value as string | boolean;
    else given[name] = value;
  }
  return {
    command: command.name(),
    sources: sources.flat().filter((source): source is string => typeof source === "string"),
    settings: given,
    face,
  };
}
