import { FLAGS } from "../flags/flags.generated.js";
import { commandOptions, type FaceFlag } from "../flags/options.js";

/** A command as the catalogue has it. */
export interface Completable {
  readonly name: string;
  readonly says: string;
  readonly settings?: string;
  readonly face: readonly FaceFlag[];
}

/** A flag as shells complete it. */
export interface CompletedFlag {
  /** With its dashes. */
  readonly flag: string;
  readonly says: string;
  readonly takesValue: boolean;
  /** Values to choose from; of others a shell offers files. */
  readonly choices: readonly string[];
}

/** A command as shells complete it. */
export interface CompletedCommand {
  readonly name: string;
  readonly says: string;
  readonly flags: readonly CompletedFlag[];
  /** Words to choose from as its argument; of others a shell offers files. */
  readonly words: readonly string[];
}

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** Characters of a description, at most. */
const LONGEST = 60;

const CHOICES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.values(FLAGS).map(({ choices = [], flag }) => [`--${flag}`, choices]),
);

/** All commands of a catalogue with their flags, by the settings. */
export function completedCommands(catalog: readonly Completable[]): readonly CompletedCommand[] {
  const commands = catalog.map(({ face, name, says, settings = name }): CompletedCommand => ({
    name,
    says: shortened(says),
    words: name === "completion" ? SHELLS : [],
    flags: [...commandOptions(settings, face).map(completedFlag), HELP],
  }));
  const names = commands.map(({ name }) => name);
  return [
    ...commands,
    { name: "help", says: "show the help of a command", flags: [], words: names },
  ];
}

const HELP: CompletedFlag = {
  flag: "--help",
  says: "show all flags and examples",
  takesValue: false,
  choices: [],
};

function completedFlag(option: ReturnType<typeof commandOptions>[number]): CompletedFlag {
  const flag = option.long ?? "";
  const { description } = option;
  const choices = CHOICES.get(flag) ?? [];
  return { flag, says: shortened(description), takesValue: option.required, choices };
}

/** A description on one short line. */
function shortened(text: string): string {
  const [first = ""] = text.split(/[:;]|\. | \(/u);
  if (first.length <= LONGEST) return first;
  return `${first.slice(0, first.lastIndexOf(" ", LONGEST - 3))} ...`;
}
