import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { describe, expect, it } from "vitest";
import { fixture, ligo, temporaryFolder } from "./__fixtures__/run-ligo.js";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";

describe("ligo", () => {
  it("prints its version", async () => {
    const { code, stdout, stderr } = await ligo(["--version"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
  });

  it("lists its commands", async () => {
    const { code, stdout } = await ligo(["--help"]);
    expect(code).toBe(0);
    const commands = [...stdout.matchAll(/^ {2}([a-z-]+) \[/gm)].map(([, name]) => name);
    expect(commands).toEqual([
      "plan",
      "grow",
      "export",
      "compare",
      "train",
      "eval",
      "verify",
      "forward",
      "board",
      "inspect",
      "push",
      "check-gguf",
      "doctor",
      "completion",
      "help",
    ]);
    expect(stdout).not.toMatch(/^ {2}version /mu);
  });

  it("says what to try first where no command is given", async () => {
    const { code, stdout, stderr } = await ligo([]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const line of ["ligo doctor", "ligo plan small --to 2x", "ligo --help"])
      expect(stdout).toContain(line);
  });

  it("says at once on a terminal what it reads, and an error in place of that", async () => {
    const folder = temporaryFolder();
    const said: string[] = [];
    const stderr = (text: string): void => void said.push(text);
    const argv = ["inspect", join(folder, "nowhere")];
    expect((await ligo(argv, { interactive: true, stderr })).code).toBe(2);
    expect(said.slice(0, 2)).toEqual([`\r\u001B[Kreading ${argv[1]} ...`, "\r\u001B[K"]);
    expect(said[2]).toMatch(/^error \[/);
    expect(said).toHaveLength(3);
    const quiet = ["eval", argv[1] ?? "", "--data", "x", "--quiet"];
    said.length = 0;
    await ligo(quiet, { interactive: true, stderr });
    expect(said.join("")).toMatch(/^error \[/);
  });

  it("takes version for a command too", async () => {
    expect((await ligo(["version"])).stdout).toBe((await ligo(["--version"])).stdout);
  });

  it.each([
    [["gorw"], "gorw"],
    [["plan", "--to", "{}"], "checkpoint"],
    [["plan", "folder"], "--to"],
    [["grow", "folder", "--to", "{}", "--out", "x", "--steps", "1.5"], "--steps"],
    [["grow", "folder", "--to", "{}", "--out", "x", "--lr", "fast"], "--lr"],
    [["grow", "folder", "--to", "{}", "--out", "x", "--method", "magic"], "magic"],
    [["eval", "folder", "--data", "x", "--held-out", "1.5"], "--held-out"],
  ])("refuses %j with exit code 2", async (argv, named) => {
    const { code, stdout, stderr } = await ligo(argv);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(named);
  });

  it("learns only what a class can learn", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const argv = ["eval", checkpoint, "--data", text, "--objective"];
    const { code, stderr } = await ligo([...argv, "masked"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/BertForMaskedLM has no objective "masked"; .*"masked-lm"/);
    expect((await ligo([...argv, "masked-lm", "--batch", "4"])).code).toBe(0);
  });

  it("takes the blame for anything but bad input", async () => {
    const broken = {
      ...bert,
      layout: () => {
        throw new TypeError("layout is broken");
      },
    };
    const argv = ["plan", fixture("bert-tiny"), "--to", "{}"];
    const { code, stderr } = await ligo(argv, { architectures: [broken] });
    expect(code).toBe(1);
    expect(stderr).toContain("our fault");
    expect(stderr).toMatch(/TypeError: layout is broken\n\s+at /);
  });

  it("ends with 130 when interrupted, and leaves nothing behind", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const before = readdirSync(folder);
    const interrupt = new AbortController();
    const out = join(folder, "grown");
    const argv = ["grow", checkpoint, "--to", TINY_TARGET, "--data", text, "--out", out];
    const { code, stdout, stderr } = await ligo([...argv, "--steps", "1000", "--batch", "2"], {
      signal: interrupt.signal,
      stderr: (words) => {
        if (words.includes("learn ")) interrupt.abort();
      },
    });
    expect([code, stdout, stderr]).toEqual([130, "", ""]);
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(folder)).toEqual(before);
  });
});
