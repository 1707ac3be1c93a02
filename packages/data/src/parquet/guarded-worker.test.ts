import { describe, expect, it } from "vitest";
import { guardedWorker, type GuardedWorker } from "./guarded-worker.js";

const module = new URL("./__fixtures__/strange-worker.js", import.meta.url);
const PATIENCE = 60_000;

/** A worker that is looked at often, so that patience is short, with little memory. */
const strange = (): GuardedWorker<string> => guardedWorker<string>(module, 10, 32);

describe("a guarded worker", () => {
  it("answers in turn, and tells of failures", async () => {
    const worker = strange();
    const answers = ["a", "fail", "b"].map((request) => worker.ask(request, PATIENCE));
    await expect(answers[0]).resolves.toBe("a");
    await expect(answers[1]).rejects.toEqual({ reason: "it fails", code: "ENOENT" });
    await expect(answers[2]).resolves.toBe("b");
  });

  it("is given up where it takes too long, and started again", async () => {
    const worker = strange();
    await expect(worker.ask("a", PATIENCE)).resolves.toBe("a");
    await expect(worker.ask("hang", 40)).rejects.toMatchObject({
      reason: expect.stringMatching(/^reading takes longer than/u) as string,
    });
    await expect(worker.ask("b", PATIENCE)).resolves.toBe("b");
  });

  it.each([
    ["exit", /ended with code 3/u],
    ["crash", /it crashes/u],
    ["grow", /more than 32 MB of memory/u],
  ])("is started again after it does: %s", async (request, reason) => {
    const worker = strange();
    const asked = worker.ask(request, PATIENCE);
    // an answer that came before a crash is an answer
    const behind = worker.ask("hang", PATIENCE);
    const failures = await Promise.allSettled([asked, behind]);
    expect(failures[1]).toMatchObject({
      reason: { reason: expect.stringMatching(reason) as string },
    });
    await expect(worker.ask("b", PATIENCE)).resolves.toBe("b");
  });
});
