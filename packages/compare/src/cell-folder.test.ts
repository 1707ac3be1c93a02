import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "@ligo/vitest/files";
import { clearDone, inOwnFolder, keepAndRemove, takeBack } from "./cell-folder.js";

/** The folder of a cell with something in it, in one of others. */
function cellFolder(): { readonly parent: string; readonly work: string } {
  const parent = join(temporaryFolder(), "work");
  const work = join(parent, "k");
  mkdirSync(join(work, "trained"), { recursive: true });
  return { parent, work };
}

/** Leaves a lock as a process that is gone would. */
function deadLock(file: string): void {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  const taken = new Date().toISOString();
  writeFileSync(file, JSON.stringify({ pid, host: hostname(), process: null, taken }));
}

describe("the folder of a cell", () => {
  it("is one process's, and the next one's", async () => {
    const { parent, work } = cellFolder();
    await inOwnFolder(work, "the cell", async () => {
      expect(readdirSync(parent).toSorted()).toEqual(["k", "k.lock"]);
      await expect(inOwnFolder(work, "the cell", async () => 1)).rejects.toMatchObject({
        code: "run/locked",
        message: expect.stringMatching(/^the cell is in use by process \d+.*Wait for it/) as string,
      });
    });
    expect(await inOwnFolder(work, "the cell", async () => 2)).toBe(2);
    await expect(inOwnFolder(work, "x", () => Promise.reject(new Error("no")))).rejects.toThrow(
      "no",
    );
    deadLock(`${work}.lock`);
    expect(await inOwnFolder(work, "the cell", async () => 3)).toBe(3);
    expect(readdirSync(parent)).toEqual(["k"]);
  });

  it("is there, under another name, until its result is kept", async () => {
    const { parent, work } = cellFolder();
    await keepAndRemove(work, async () => {
      expect(existsSync(work)).toBe(false);
      expect(readdirSync(join(parent, ".k.done"))).toEqual(["trained"]);
    });
    expect(readdirSync(parent)).toEqual([]);
    // of a cell that left nothing
    let kept = false;
    await keepAndRemove(work, async () => void (kept = true));
    expect(kept).toBe(true);
  });

  it("is taken back where the result was not kept", async () => {
    const { parent, work } = cellFolder();
    const full = (): Promise<void> => Promise.reject(new Error("the disk is full"));
    await expect(keepAndRemove(work, full)).rejects.toThrow("the disk is full");
    await takeBack(work);
    expect(readdirSync(work)).toEqual(["trained"]);
    await takeBack(work);
    expect(readdirSync(parent)).toEqual(["k"]);
  });

  it("is cleared of what was left of it, and stays where it was kept", async () => {
    const { parent, work } = cellFolder();
    expect(await clearDone(work, "the cell")).toEqual([]);
    mkdirSync(join(parent, ".k.done", "half"), { recursive: true });
    deadLock(`${work}.lock`);
    expect(await clearDone(work, "the cell")).toEqual([join(parent, ".k.done"), `${work}.lock`]);
    expect(readdirSync(parent)).toEqual(["k"]);
  });

  it("is left alone while another process works there", async () => {
    const { parent, work } = cellFolder();
    mkdirSync(join(parent, ".k.done"));
    await inOwnFolder(work, "the cell", async () => {
      expect(await clearDone(work, "the cell")).toEqual([]);
      expect(existsSync(join(parent, ".k.done"))).toBe(true);
    });
  });
});
