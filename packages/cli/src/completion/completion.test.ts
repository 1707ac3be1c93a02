import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { ligo } from "../__fixtures__/run-ligo.js";
import { CATALOG } from "../commands/catalog.js";
import { FLAGS } from "../flags/flags.generated.js";
import { completedCommands, SHELLS } from "./completed.js";

const has = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;

/** Offers of bash for a command line whose last word is being typed. */
async function offers(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout: script } = await ligo(["completion", "bash"]);
  const line = words.map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _ligo; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const ran = spawnSync("bash", ["-c", `${script}\n${ask}`], { encoding: "utf8" });
  expect(ran.stderr).toBe("");
  return ran.stdout.split("\n").filter((word) => word !== "");
}

describe.runIf(has("bash"))("bash", () => {
  it("completes commands", async () => {
    expect(await offers("ligo", "")).toEqual(
      expect.arrayContaining([...CATALOG.map(({ name }) => name), "help", "--version"]),
    );
    expect(await offers("ligo", "pl")).toEqual(["plan"]);
    expect(await offers("ligo", "help", "ver")).toEqual(["verify"]);
  });

  it("completes flags of the command alone, and values that are chosen", async () => {
    expect(await offers("ligo", "grow", "small", "--to", "2x", "--meth")).toEqual(["--method"]);
    expect(await offers("ligo", "plan", "small", "--meth")).toEqual([]);
    expect(await offers("ligo", "grow", "small", "--method", "lig")).toEqual(
      (FLAGS["method"]?.choices ?? []).filter((name) => name.startsWith("lig")),
    );
    expect(await offers("ligo", "completion", "")).toEqual(SHELLS);
  });

  it("leaves paths to the shell", async () => {
    expect(await offers("ligo", "grow", "sma")).toEqual([]);
    expect(await offers("ligo", "grow", "small", "--out", "la")).toEqual([]);
  });
});

it.each(SHELLS.filter(has))("%s reads its script", async (shell) => {
  const { stdout: input } = await ligo(["completion", shell]);
  expect(spawnSync(shell, ["-n"], { input, encoding: "utf8" })).toMatchObject({ stderr: "" });
});

it.each(SHELLS)(
  "the script of %s names every command and flag, and quotes what it quotes",
  async (shell) => {
    const { code, stdout } = await ligo(["completion", shell]);
    expect(code).toBe(0);
    for (const { flags, name } of completedCommands(CATALOG)) {
      expect(stdout).toContain(name);
      for (const { flag } of flags)
        expect(stdout).toContain(shell === "fish" ? `-l ${flag.slice(2)} ` : flag);
    }
    // quotes come in pairs, but those within texts
    const quotes = stdout.replaceAll(`'\\''`, "").match(/'/gu) ?? [];
    expect(quotes.length % 2).toBe(0);
  },
);

it("knows no other shell", async () => {
  expect(await ligo(["completion", "nushell"])).toMatchObject({
    code: 2,
    stdout: "",
    stderr: 'error [cli/unknown-shell]: "nushell" is not among bash, zsh, fish.\n',
  });
});
