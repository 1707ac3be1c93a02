import { join } from "node:path";
import { resume, RunError, UsageError, type Handles, type ResumedModel } from "@ligo/sdk";
import { readEntries, readRecipeFile, type CommandSettings } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import { shellWords } from "../flags/shell-words.js";

/** Source and settings of a call: those of its recipe, over which flags win. */
export interface RunCall<Given> {
  readonly from: string;
  readonly given: Given;
}

/** Reads the recipe of a call, where it has one. Throws `cli/no-checkpoint` and `cli/no-output` for what is needed. */
export async function runCall<Given, Checked>(
  { command, face, settings, sources }: Call,
  of: CommandSettings<Given, Checked>,
): Promise<RunCall<Given>> {
  const recipe =
    typeof face.recipe === "string" ? await readRecipeFile(face.recipe, of, settings) : undefined;
  const given = { ...recipe?.settings, ...settings };
  const [from = recipe?.from] = sources;
  if (from === undefined) {
    throw new UsageError(
      "cli/no-checkpoint",
      `Name the checkpoint: ligo ${command} <checkpoint>, or \`checkpoint\` in a recipe.`,
      { expected: "a checkpoint" },
    );
  }
  if (!("out" in given)) {
    throw new UsageError("cli/no-output", "Say where the result goes: --out <folder>.", {
      expected: "--out",
    });
  }
  // the library checks them
  return { from, given: given as Given };
}

/** Goes on with the run in a folder, if it is one of this command. Throws `run/other-command`. */
export async function resumedRun(
  { command, settings, sources }: Call,
  folder: string,
  handles: Handles,
): Promise<ResumedModel> {
  const file = join(folder, "recipe.json");
  const begun = await commandOf(file);
  if (begun !== undefined && begun !== command) {
    const line = shellWords(["ligo", begun, "--resume", folder]);
    throw new RunError(
      "run/other-command",
      `The run in ${folder} is of ligo ${begun}. Go on with: ${line}`,
      { file, expected: command, actual: begun },
    );
  }
  const [checkpoint] = sources;
  return resume(folder, { checkpoint, ...settings, ...handles });
}

/** The command that a recipe is of; where it cannot be read, the library says why. */
async function commandOf(file: string): Promise<string | undefined> {
  const { command } = await readEntries(file).catch(() => ({ command: undefined }));
  return typeof command === "string" ? command : undefined;
}
