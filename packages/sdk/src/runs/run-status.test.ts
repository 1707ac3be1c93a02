import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LigoError } from "@ligo/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { beginStatus, readStatus, STATUS_NAME } from "./run-status.js";

describe("the status of a run", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ligo-status-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("says what is known before the first step, and is gone with the end", async () => {
    const sizes = { target: { layers: 2, width: 8, parameters: 100 } };
    const status = await beginStatus(folder, { losses: { small: 4 }, sizes }, { compile: 3 });
    expect(await readStatus(folder)).toMatchObject({
      losses: { small: 4 },
      sizes,
      seconds: { compile: 3 },
    });
    await status.remove();
    expect(await readStatus(folder)).toBeUndefined();
  });

  it.each([
    [new LigoError("run/diverged", "Loss is NaN."), false, "run/diverged"],
    [new Error("aborted"), true, "run/interrupted"],
    [new TypeError("no function"), false, "run/failed"],
  ])("keeps the error that ended it: %s", async (error, interrupted, code) => {
    const status = await beginStatus(folder, {}, {});
    await status.end(error, interrupted);
    expect((await readStatus(folder))?.ended).toMatchObject({ code, message: error.message });
  });

  it("is none where the file is another's or torn", async () => {
    for (const text of ['{"format": "other"}', '{"format": "ligo.st']) {
      await writeFile(join(folder, STATUS_NAME), text);
      expect(await readStatus(folder)).toBeUndefined();
    }
  });
});
