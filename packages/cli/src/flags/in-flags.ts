import { FLAGS } from "./flags.generated.js";
import { shellWords } from "./shell-words.js";

/** Functions of the library that are commands, and no settings. */
const COMMANDS = ["plan", "grow", "train", "forward", "verify", "inspect"];

/**
 * Words of the library as the command line says them: settings in backticks become flags (`learningRate` is --lr,
 * `steps: 0` is --steps 0), and the call that resumes a run becomes a line for the shell.
 */
export function inFlags(text: string, command: string): string {
  return text
    .replaceAll(/ `resume\(("(?:[^"\\]|\\.)*")\)`\.?/gu, (_, folder: string) => {
      const line = shellWords(["ligo", command, "--resume", JSON.parse(folder) as string]);
      return `:\n  ${line}\n`;
    })
    .replaceAll(/`(\w+)(?:: ([^`]+))?`/gu, (whole, name: string, value?: string) => {
      const facts = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
      if (name === "checkpoint") return "<checkpoint>";
      if (facts === undefined) return COMMANDS.includes(name) ? `ligo ${name}` : whole;
      if (value === "false" && facts.off !== undefined) return `--no-${facts.flag}`;
      const isBare = value === undefined || value === "true";
      return `--${facts.flag}${isBare ? "" : ` ${value.replaceAll('"', "")}`}`;
    })
    .trimEnd();
}
