import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "@ligo/vitest/files";
import { takeLock } from "./run-lock.js";

const take = (folder: string) => takeLock(() => join(folder, "run.lock"), folder);

/** A lock as another process would have written it. */
function lockOf(folder: string, holder: Readonly<Record<string, unknown>>): void {
  const taken = new Date().toISOString();
  const other = { host: hostname(), process: null, taken, ...holder };
  writeFileSync(join(folder, "run.lock"), JSON.stringify(other));
}

/** The number of a process that is no more. */
const deadProcess = (): number => spawnSync(process.execPath, ["--version"]).pid;

describe("the lock of a run", () => {
  it("is one process's until it is released", async () => {
    const folder = temporaryFolder();
    const lock = await take(folder);
    await lock.check();
    await expect(take(folder)).rejects.toMatchObject({
      code: "run/locked",
      message: expect.stringContaining(`process ${process.pid} on ${hostname()}`) as string,
    });
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
    await (await take(folder)).release();
  });

  it("is respected while its process runs, and on another machine", async () => {
    const folder = temporaryFolder();
    lockOf(folder, { pid: process.ppid });
    await expect(take(folder)).rejects.toMatchObject({ code: "run/locked" });
    lockOf(folder, { pid: deadProcess(), host: "elsewhere" });
    await expect(take(folder)).rejects.toThrow(/on elsewhere.*remove .*run\.lock/);
    expect(readdirSync(folder)).toEqual(["run.lock"]);
  });

  it.each([
    ["whose process is gone", () => ({ pid: deadProcess() })],
    ["of an earlier process of the same number", () => ({ pid: process.pid, process: "boot 1" })],
    ["from before this machine was started", () => ({ pid: process.ppid, taken: "2001-01-01" })],
  ])("is taken over from one %s", async (_what, holder) => {
    const folder = temporaryFolder();
    lockOf(folder, holder());
    const lock = await take(folder);
    await lock.check();
    expect(readdirSync(folder)).toEqual(["run.lock"]);
    await lock.release();
  });

  it("is taken over where nothing of it reached the disk", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "run.lock"), "");
    await (await take(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("goes to one of many that want it at the same time", async () => {
    const folder = temporaryFolder();
    lockOf(folder, { pid: deadProcess() });
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => take(folder)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("is missed, and not taken from its new holder, where it was removed", async () => {
    const folder = temporaryFolder();
    const lock = await take(folder);
    lockOf(folder, { pid: process.ppid });
    const theirs = readFileSync(join(folder, "run.lock"), "utf8");
    await expect(lock.check()).rejects.toMatchObject({ code: "run/lock-lost" });
    await lock.release();
    expect(readFileSync(join(folder, "run.lock"), "utf8")).toBe(theirs);
    expect(existsSync(folder)).toBe(true);
  });
});
