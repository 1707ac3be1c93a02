import { check, commandSettings } from "@ligo/sdk/settings";
import { expect, it } from "vitest";
import { ligo } from "../__fixtures__/run-ligo.js";
import { CATALOG } from "../commands/catalog.js";
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

/** Parses a command line, and does not run it; checks its settings, but of a run that goes on, which has them already. */
async function checkExample(line: string): Promise<void> {
  const argv = wordsOf(line);
  const entry = CATALOG.find(({ name }) => name === argv[0]);
  const quiet = { stdout: () => undefined, stderr: () => undefined, interactive: false };
  const program = createProgram(openTerminal(quiet), argv);
  const command = program.commands.find((one) => one.name() === entry?.name);
  if (entry === undefined || command === undefined) throw new Error(`${line} is of no command`);
  const { name, settings = name } = entry;
  let call: Call | undefined;
  command.action(() => void (call = callOf(command, settings, command.processedArgs)));
  await program.parseAsync([...argv], { from: "user" });
  const of = commandSettings.find((one) => one.command === settings);
  if (of !== undefined && call?.face.resume === undefined) check(of, call?.settings ?? {});
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
      await checkExample(line);
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
