import { Option } from "commander";
import type { FlagFacts } from "./flag.js";
import { COMMAND_FLAGS, FLAGS } from "./flags.generated.js";
import { inFlags } from "./in-flags.js";

/** Flags of the command line itself, which no setting stands for. */
const FACE = {
  recipe: {
    flags: "--recipe <file>",
    says: "settings as JSON or YAML, or the recipe.json of a run; flags win",
  },
  resume: {
    flags: "--resume <folder>",
    says: "go on with a run that was stopped; its settings come from its folder",
  },
  details: {
    flags: "--details",
    says: "list every tensor too, and the orders in which products are formed",
  },
  strict: { flags: "--strict", says: "exit with 2 where the function changed" },
  json: { flags: "--json", says: "print one JSON object to stdout" },
  quiet: { flags: "--quiet", says: "say nothing but errors" },
} as const;

/** Heading of these flags in `--help`. */
export const FACE_GROUP = "Command line:";

export type FaceFlag = keyof typeof FACE;

/** The options of a command: those made from its settings, and those of the command line. */
export function commandOptions(settings: string, face: readonly FaceFlag[]): readonly Option[] {
  const { defaults = {}, names = [], required = [] } = COMMAND_FLAGS[settings] ?? {};
  const own = names.flatMap((name) => {
    const facts = FLAGS[name] as FlagFacts;
    return settingOptions(facts, defaults[name], required.includes(name));
  });
  const ofFace = face.map((name) => {
    const { flags, says } = FACE[name];
    const option = new Option(flags, says).helpGroup(FACE_GROUP);
    return name === "resume" ? option.conflicts(["out", "recipe"]) : option;
  });
  return [...own, ...ofFace];
}

function settingOptions(
  facts: FlagFacts,
  fallback: unknown,
  isRequired: boolean,
): readonly Option[] {
  const { flag, group, holder, kind, list, off } = facts;
  const heading = `${group.charAt(0).toUpperCase()}${group.slice(1)}:`;
  const says = describe(facts, fallback, isRequired);
  const named = new Option(kind === "boolean" ? `--${flag}` : valued(flag, holder, list), says);
  if (kind !== "boolean") named.argParser(parserOf(kind, list));
  const negated = off === undefined ? [] : [new Option(`--no-${flag}`, sentence(off))];
  // nothing is gained by naming what is so anyway
  const shown = fallback === true ? negated : [named, ...negated];
  return shown.map((option) => option.helpGroup(heading));
}

const valued = (flag: string, holder: string, list: boolean): string =>
  `--${flag} <${holder}${list ? "..." : ""}>`;

/** Parser of the words of a flag; those of a list come one after the other. */
const parserOf =
  (kind: FlagFacts["kind"], list: boolean) =>
  (text: string, before: unknown): unknown => {
    const value = valueOf(kind, text);
    return list ? [...((before as readonly unknown[] | undefined) ?? []), value] : value;
  };

/** The value of a word: a number where it is one. Other words are refused by the check of the settings. */
function valueOf(kind: FlagFacts["kind"], text: string): unknown {
  const value = kind === "number" && text.trim() !== "" ? Number(text) : Number.NaN;
  return Number.isNaN(value) ? text : value;
}

/** A sentence of a setting as `--help` has it. */
const sentence = (says: string): string =>
  inFlags(says.replace(/\.$/u, ""), "").replaceAll("`", "");

function describe(facts: FlagFacts, fallback: unknown, isRequired: boolean): string {
  const { choices = [], otherwise, says } = facts;
  const listed = choices.length > 0 && facts.name !== "method" ? [choices.join(", ")] : [];
  const standard =
    fallback === undefined || fallback === false
      ? otherwise === undefined
        ? []
        : [`default: ${sentence(otherwise)}`]
      : [`default: ${JSON.stringify(fallback).replaceAll('"', "")}`];
  const notes = [...listed, ...standard, ...(isRequired ? ["required"] : [])];
  return `${sentence(says)}${notes.length === 0 ? "" : ` (${notes.join("; ")})`}`;
}
