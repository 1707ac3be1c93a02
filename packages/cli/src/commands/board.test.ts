import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ligo, temporaryFolder } from "../__fixtures__/run-ligo.js";

describe("ligo board", () => {
  it("prints its address, serves the folders, and ends well when it is told to stop", async () => {
    const folder = join(temporaryFolder(), "my runs");
    mkdirSync(folder);
    const stop = new AbortController();
    const pages: Promise<string>[] = [];
    const { code, stderr, stdout } = await ligo(["board", folder, "--port", "0"], {
      signal: stop.signal,
      stdout(url) {
        const page = fetch(url.trim()).then((answer) => answer.text());
        pages.push(page.finally(() => stop.abort()));
      },
    });
    expect(code).toBe(0);
    expect(stdout).toBe("");
    expect(stderr).toBe(`The board shows ${folder}. Ctrl-C stops it.\n`);
    expect(await pages[0]).toContain("No runs yet");
  });

  it("says what is wrong in the words of the command line", async () => {
    const missing = await ligo(["board", "/nowhere"]);
    expect(missing).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("board/no-folder") as string,
    });
    const port = await ligo(["board", ".", "--port", "70000"]);
    expect(port).toMatchObject({ code: 2, stderr: expect.stringContaining("--port") as string });
  });
});
