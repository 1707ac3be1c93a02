import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "@ligo/vitest/files";
import { writeFileAtomically } from "./atomic-file.js";
import { removeAside, removeLeftovers, temporaryBeside } from "./leftovers.js";

/** A name of this process, with other marks in it. */
async function marked(path: string, change: (marks: string[]) => void): Promise<string> {
  const name = await temporaryBeside(path);
  const at = name.lastIndexOf(".partial-") + ".partial-".length;
  const marks = name.slice(at).split("-");
  change(marks);
  return `${name.slice(0, at)}${marks.join("-")}`;
}

const deadProcess = (): string => String(spawnSync(process.execPath, ["--version"]).pid);

describe("leftovers", () => {
  it("are those of processes that are gone, files and folders", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "out");
    const pid = deadProcess();
    const dead = await marked(path, (marks) => (marks[0] = pid));
    // the number was given to another process since: ours
    const earlier = await marked(path, (marks) => (marks[2] = "00000000"));
    mkdirSync(join(dead, "in", "it"), { recursive: true });
    writeFileSync(earlier, "");
    expect((await removeLeftovers(path)).toSorted()).toEqual([dead, earlier].toSorted());
    expect(readdirSync(folder)).toEqual([]);
    expect(await removeLeftovers(path)).toEqual([]);
  });

  it("are told from what a running process makes, ours or another", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "out");
    const other = spawn(process.execPath, ["-e", "process.stdin.resume(); console.log('ready')"]);
    await once(other.stdout, "data");
    try {
      // on systems that tell no more of a process than that it runs
      const nothing = await marked(path, (marks) => (marks[2] = "e3b0c442"));
      const theirs = await marked(path, (marks) => {
        [marks[0], marks[2]] = [String(other.pid), "e3b0c442"];
      });
      for (const name of [await temporaryBeside(path), nothing, theirs]) writeFileSync(name, "");
      expect(await removeLeftovers(path)).toEqual([]);
      expect(readdirSync(folder)).toHaveLength(3);
      other.kill("SIGKILL");
      await once(other, "close");
      expect(await removeLeftovers(path)).toEqual([theirs]);
    } finally {
      other.kill("SIGKILL");
    }
  });

  it("of another machine, and names that are not ours, stay", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "out");
    const pid = deadProcess();
    const elsewhere = await marked(path, (marks) => {
      [marks[0], marks[1]] = [pid, "00000000"];
    });
    const names = [elsewhere, join(folder, `.out.partial-${pid}`), join(folder, ".out.partial-x")];
    for (const name of names) writeFileSync(name, "");
    expect(await removeLeftovers(path)).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it("of a file are gone when it is written again", async () => {
    const path = join(temporaryFolder(), "results.json");
    const pid = deadProcess();
    const dead = await marked(path, (marks) => (marks[0] = pid));
    writeFileSync(dead, "half");
    await writeFileAtomically(path, "whole");
    expect([existsSync(dead), readFileSync(path, "utf8")]).toEqual([false, "whole"]);
  });

  it("have names that file systems take, however long that of the file is", async () => {
    const path = join(temporaryFolder(), "n".repeat(255));
    expect(basename(await temporaryBeside(path)).length).toBeLessThan(255);
    await Promise.all(["one", "two"].map((text) => writeFileAtomically(path, text)));
    expect(["one", "two"]).toContain(readFileSync(path, "utf8"));
  });
});

it("removeAside removes a folder with all that is in it, and nothing where there is none", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "out", "in"), { recursive: true });
  await removeAside(join(folder, "out"));
  expect(readdirSync(folder)).toEqual([]);
  await expect(removeAside(join(folder, "out"))).rejects.toMatchObject({ code: "ENOENT" });
});
