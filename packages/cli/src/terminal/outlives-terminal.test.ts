import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "@ligo/vitest/files";
import { outlivesTerminal } from "./outlives-terminal.js";

interface Facts {
  readonly command?: string;
  readonly ignored?: string;
  readonly flags?: string;
  readonly stdin?: string;
}

/** Asks in a `/proc` with some facts of a process and its parent 7. */
function ask({ command = "/usr/bin/node", flags, ignored, stdin = "/dev/null" }: Facts): boolean {
  const proc = temporaryFolder();
  mkdirSync(join(proc, "7"));
  mkdirSync(join(proc, "self", "fd"), { recursive: true });
  mkdirSync(join(proc, "self", "fdinfo"));
  symlinkSync(stdin, join(proc, "self", "fd", "0"));
  if (ignored !== undefined) {
    const status = `Name:\tbash\nSigBlk:\t0000000000000001\nSigIgn:\t${ignored}\nSigCgt:\t0000000000000001\n`;
    writeFileSync(join(proc, "7", "status"), status);
  }
  if (flags !== undefined) {
    writeFileSync(join(proc, "self", "fdinfo", "0"), `pos:\t0\nflags:\t${flags}\nmnt_id:\t29\n`);
  }
  return outlivesTerminal({ env: { _: command }, ppid: 7, proc });
}

describe("outlivesTerminal", () => {
  it.each<[string, Facts]>([
    ["nohup, as shells note it", { command: "/usr/bin/nohup" }],
    ["a script under nohup, which hands on what it ignores", { ignored: "0000000000000001" }],
    ["a shell with a trap for more", { ignored: "0000000000010007" }],
    ["nohup in place of a terminal", { flags: "0100001" }],
  ])("knows %s", (_what, facts) => {
    expect(ask(facts)).toBe(true);
  });

  it.each<[string, Facts]>([
    ["a plain start", {}],
    ["a parent that ignores other signals", { ignored: "0000000000001006" }],
    ["another command of a like name", { command: "/home/me/nohup.sh" }],
    ["stdin from /dev/null", { flags: "0100000" }],
    ["stdin from /dev/null, to be read and written", { flags: "0100002" }],
    ["stdin that is a file to be written", { flags: "0100001", stdin: "/tmp/x" }],
  ])("takes %s for what it is", (_what, facts) => {
    expect(ask(facts)).toBe(false);
  });

  it("needs nothing of a system that tells nothing", () => {
    const proc = join(temporaryFolder(), "none");
    expect(outlivesTerminal({ env: {}, ppid: 1, proc })).toBe(false);
    expect(outlivesTerminal({ env: { _: "/usr/bin/nohup" }, ppid: 1, proc })).toBe(true);
  });
});
