import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProbe, type ProbeOutcome } from "./run-probe.js";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "ligo-probe-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function outcomeOf(code: string, deadline = 20): Promise<ProbeOutcome> {
  const script = join(folder, "script.mjs");
  writeFileSync(script, code);
  return runProbe({ task: "adapter" }, { script, deadline });
}

describe("a probe", () => {
  it("keeps what was answered and printed before its process died", async () => {
    const code = `
      console.error(JSON.parse(process.argv[2]).task);
      process.send({ type: "started" }, () => process.kill(process.pid, "SIGABRT"));
      setInterval(() => {}, 1000);`;
    expect(await outcomeOf(code)).toEqual({
      answers: [{ type: "started" }],
      log: "adapter\n",
      failure: "The process was ended by SIGABRT.",
    });
  });

  it("is ended at its deadline", async () => {
    const { failure } = await outcomeOf("setInterval(() => {}, 1000);", 0.5);
    expect(failure).toBe("No answer came within 0.5 s.");
  });

  it("tells a code, and nothing where all went well", async () => {
    expect((await outcomeOf("process.exit(3);")).failure).toBe("The process ended with code 3.");
    expect(await outcomeOf("process.disconnect();")).toEqual({ answers: [], log: "" });
  });

  it("measures products", async () => {
    const engine = { library: "onnxruntime", provider: "cpu" } as const;
    const { answers } = await runProbe({ task: "rate", engine, seconds: 0.1 });
    expect(answers).toMatchObject([{ type: "rate", size: expect.any(Number) as number }]);
    const absent = { library: "onnxruntime", provider: "abacus" } as const;
    const refused = await runProbe({ task: "rate", engine: absent, seconds: 0.1 });
    expect(refused.answers).toMatchObject([{ type: "refused" }]);
  });
});
