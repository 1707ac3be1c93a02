import { existsSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { ligo, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import { checkpointsOf, remainsOf } from "./__fixtures__/tiny-runs.js";

/** A disk that takes so many operations more, and refuses all after them with a code. */
const disk = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY, code: "", used: 0 }));

vi.mock("node:fs/promises", async (importOriginal) => {
  const original = await importOriginal<typeof import("node:fs/promises")>();
  type Method = (...args: readonly unknown[]) => Promise<unknown>;
  const limited = (method: Method, target?: unknown): Method =>
    async function onDisk(...args) {
      disk.used += 1;
      if (disk.used > disk.left) {
        throw Object.assign(new Error(`${disk.code}: the disk says no`), { code: disk.code });
      }
      return Reflect.apply(method, target, args);
    };
  const limitedAll = <T extends object>(target: T, names: readonly string[]): T => {
    const methods = target as Record<string, Method>;
    const entries = names.map((name) => [name, limited(methods[name] as Method, target)]);
    return Object.assign(target, Object.fromEntries(entries) as Record<string, Method>);
  };
  const names = ["copyFile", "link", "mkdir", "rename", "writeFile"];
  const free = { ...original };
  return {
    ...limitedAll(free, names),
    open: async (...args: Parameters<typeof original.open>): Promise<FileHandle> =>
      limitedAll(await original.open(...args), ["appendFile", "sync", "write"]),
  };
});

async function on<T>(limit: { left: number; code: string }, work: () => Promise<T>): Promise<T> {
  Object.assign(disk, limit, { used: 0 });
  try {
    return await work();
  } finally {
    disk.left = Number.POSITIVE_INFINITY;
  }
}

describe.each([
  ["train", ["--eval-every", "2"]],
  ["grow", ["--to", TINY_TARGET, "--no-eval"]],
])("ligo %s on a disk that has had enough", (command, more) => {
  let argv: readonly string[];
  let whole: string;
  let operations: number;

  beforeAll(async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const options = ["--data", text, "--steps", "6", "--batch", "4", "--save-every", "2"];
    argv = [command, checkpoint, ...options, ...more];
    whole = join(folder, "whole");
    disk.used = 0;
    expect(await ligo([...argv, "--keep", "9", "--out", whole])).toMatchObject({ code: 0 });
    operations = disk.used;
  }, 60_000);

  it("ends clearly, and the last good checkpoint is whole", { timeout: 240_000 }, async () => {
    const saved = checkpointsOf(whole);
    const parts = 8;
    for (let part = 0; part < parts; part++) {
      const [code, words] = part % 2 === 0 ? ["ENOSPC", "disk is full"] : ["EROFS", "is read-only"];
      const out = join(temporaryFolder(), "out");
      const left = Math.floor((part * operations) / parts);
      const ended = await on({ left, code }, () => ligo([...argv, "--out", out]));
      const place = `${code} after ${left} of ${operations}`;
      expect(ended, place).toMatchObject({ code: 2 });
      expect(ended.stderr, place).toMatch(/error \[output\/[\w-]+\]/);
      expect(ended.stderr, place).toMatch(new RegExp(`${words}|${code}`));
      const kept = checkpointsOf(out);
      for (const [name, hashes] of Object.entries(kept)) expect(hashes).toEqual(saved[name]);
      if (Object.keys(kept).length === 0) {
        expect(existsSync(out), place).toBe(false);
        expect(ended.stderr).not.toContain("--resume");
      } else {
        expect(ended.stderr, place).toContain(`ligo ${command} --resume ${out}`);
        expect(await ligo([command, "--resume", out]), place).toMatchObject({ code: 0 });
        expect(remainsOf(out), place).toEqual(remainsOf(whole));
      }
    }
  });
});

describe("a training that diverges", () => {
  it("names the last good checkpoint, from which one can train on", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    const argv = [
      "train",
      checkpoint,
      "--data",
      text,
      "--batch",
      "32",
      "--steps",
      "40",
      "--out",
      out,
    ];
    const wild = ["--lr", "30", "--warmup", "30", "--clip", "1e30", "--save-every", "4"];
    const { code, stderr } = await ligo([...argv, ...wild]);
    expect(code).toBe(2);
    const [, last = ""] = /run\/diverged.*The last good checkpoint is (\S+):/.exec(stderr) ?? [];
    expect(Object.keys(checkpointsOf(out))).toContain(last.split("/").at(-1));
    const on = ["train", last, "--data", text, "--batch", "32", "--steps", "1"];
    expect(await ligo([...on, "--out", join(folder, "on")])).toMatchObject({ code: 0 });
  });
});
