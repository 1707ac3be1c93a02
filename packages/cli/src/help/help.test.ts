import { check, commandSettings } from "@ligo/sdk/settings";
import { expect, it } from "vitest";
import { ligo } from "../__fixtures__/run-ligo.js";
import { CATALOG, type CommandEntry } from "../commands/catalog.js";
import { callOf, type Call } from "../flags/given.js";
import { createProgram } from "../program.js";
import { openTerminal } from "../terminal/terminal.js";
import { exampleParts, helpWords } from "./help-words.js";

/** Words of a line, as a shell makes them; what stands around `ligo`, and where its output goes, is left out. */
function wordsOf(line: string): readonly string[] {
  const inner = /\$\((.*)\)/u.exec(line)?.[1] ?? line.replace(/ > .*$/u, "");
  const words = [...inner.matchAll(/'([^']*)'|(\S+)/gu)].map(
    ([, quoted, plain]) => quoted ?? plain,
  );
  expect(words[0]).toBe("ligo");
  return words.slice(1).map(String);
}

/** Parses a command line, and does not run it. */
async function parsed({ name, settings = name }: CommandEntry, line: string): Promise<Call> {
  const argv = wordsOf(line);
  const quiet = { stdout: () => undefined, stderr: () => undefined, interactive: false };
  const program = createProgram(openTerminal(quiet), argv);
  const command = program.commands.find((one) => one.name() === name);
  if (command === undefined) throw new Error(`${name} is not there`);
  let call: Call | undefined;
  command.action(() => void (call = callOf(command, settings, command.processedArgs)));
  await program.parseAsync([...argv], { from: "user" });
  if (call === undefined) throw new Error(`${line} is of another command`);
  return call;
}

it.each(CATALOG.map((entry) => [entry.name, entry] as const))(
  "the help of %s has groups, and three examples that can be run",
  async (name, entry) => {
    const { code, stdout } = await ligo([name, "--help"]);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/^Options:/mu);
    expect(stdout).toMatch(/^Command line:$/mu);
    expect(entry.examples).toHaveLength(3);
    for (const [line, says] of entry.examples.map(exampleParts)) {
      expect(stdout).toContain(`  ${line}`);
      expect(stdout).toContain(says);
      const { face, settings } = await parsed(entry, line);
      const of = commandSettings.find(({ command }) => command === (entry.settings ?? name));
      // a run that goes on has its settings already
      if (of !== undefined && face.resume === undefined) check(of, settings);
    }
  },
);

it("tells headings and examples apart from the rest", () => {
  const words = helpWords("Usage: ligo\n\nExamples:\n  ligo plan small  # look\n  text\n");
  expect(words).toEqual([
    { text: "Usage:", style: "heading" },
    " ligo\n",
    "\n",
    { text: "Examples:", style: "heading" },
    "\n",
    "  ",
    { text: "ligo plan small", style: "command" },
    { text: "  # look", style: "faint" },
    "\n",
    "  text\n",
  ]);
});
