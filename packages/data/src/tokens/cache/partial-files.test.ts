import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { partialBeside, removeAbandoned } from "./partial-files.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ligo-partial-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function left(path: string): Promise<string> {
  await writeFile(path, "half");
  return basename(path);
}

it("removes what a process left that runs no more, whatever its age, and nothing of one that runs", async () => {
  const path = join(folder, "a.tokens");
  const { pid } = spawnSync(process.execPath, ["--version"]);
  const running = await left(partialBeside(path));
  await left(partialBeside(path).replace(`-${process.pid}-`, `-${pid}-`));
  const whole = await left(path);
  await removeAbandoned(folder);
  expect((await readdir(folder)).toSorted()).toEqual([running, whole].toSorted());
});

it("waits an hour for one of another machine, and for one whose name does not tell", async () => {
  const path = join(folder, "a.tokens");
  const other = partialBeside(path).replace(/\.[0-9a-f]{8}-/u, ".00000000-");
  const names = [await left(other), await left(`${path}.123456.partial`)];
  await removeAbandoned(folder);
  expect((await readdir(folder)).toSorted()).toEqual(names.toSorted());
  const early = new Date(Date.now() - 3_700_000);
  for (const name of names) await utimes(join(folder, name), early, early);
  await removeAbandoned(folder);
  expect(await readdir(folder)).toEqual([]);
});
