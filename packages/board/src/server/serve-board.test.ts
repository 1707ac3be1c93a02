import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "@ligo/vitest/files";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeComparison } from "../__fixtures__/made-comparison.js";
import { makeRun, metricLines } from "../__fixtures__/made-runs.js";
import { isAllowedHost } from "./allowed-host.js";
import { serveBoard } from "./serve-board.js";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Asks for a path exactly as it is written, with the headers given. */
const ask = (
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method: string = "GET",
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const asked = request({ hostname, port, path, headers, method }, (response) => {
      const parts: string[] = [];
      response.setEncoding("utf8");
      response.on("data", (part: string) => parts.push(part));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: parts.join(""),
        }),
      );
    });
    asked.on("error", reject);
    asked.end();
  });

/** Serves folders until the test is over. */
async function serve(...folders: readonly string[]): Promise<string> {
  const board = await serveBoard({ folders, port: 0 });
  onTestFinished(() => board.close());
  return board.url;
}

/** The next updates of a page, as the server sends them. */
async function* updates(
  url: string,
  path: string,
): AsyncGenerator<{ title: string; body: string }> {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const { body } = await fetch(new URL(`/events${path}`, url), { signal: stop.signal });
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of body ?? []) {
    text += decoder.decode(part, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      yield JSON.parse(text.slice("data: ".length, end)) as { title: string; body: string };
      text = text.slice(end + 2);
    }
  }
}

describe("the pages", () => {
  it("list runs and comparisons, each with a page of its own", async () => {
    const folder = join(temporaryFolder(), "all");
    await makeRun(join(folder, "large run"), { state: "finished" });
    await makeComparison(join(folder, "compared"), { done: 6 });
    const url = await serve(folder);
    const first = await ask(url, "/");
    expect(first.text).toContain("1 run, 1 comparison");
    const links = [...first.text.matchAll(/href="(\/show\/[^"]+)"/gu)].map(([, link = ""]) => link);
    expect(links).toEqual(["/show/all/compared", "/show/all/large%20run"]);
    const run = await ask(url, links[1] ?? "");
    expect(run.text).toContain(
      "<title>finished: ligo: 2 layers × 8 → 4 layers × 12 (all/large run)</title>",
    );
    expect(run.text).toContain("ligo verify /models/small");
    expect(run.text).toMatch(
      /ligo train '[^<]+' --data '\/data\/my texts.txt' --batch 4 --seq 16 --out/u,
    );
    const comparison = await ask(url, links[0] ?? "");
    expect(comparison.text).toContain(
      "Tiny BERT: scratch, stack, ligo; 2 layers × 8 → 4 layers × 12</h1>",
    );
    expect(comparison.text).toContain("ligo ends lowest");
  });

  it("say how to go on with a run that was stopped, its folder quoted for a shell", async () => {
    const folder = join(temporaryFolder(), "it's mine");
    await makeRun(folder, { state: "stopped", checkpoints: [10] });
    const { text } = await ask(await serve(folder), "/");
    expect(text).toMatch(/ligo grow --resume '[^<]+it'\\''s mine'/u);
    expect(text).toContain("step 10");
  });

  it("begin a training that diverged from its last good checkpoint again, at a lower rate", async () => {
    const folder = join(temporaryFolder(), "run");
    await makeRun(folder, { command: "train", state: "failed", checkpoints: [10, 20, 30] });
    const { text } = await ask(await serve(folder), "/");
    expect(text).toMatch(
      /ligo train \S+\/step-20 --data '\/data\/my texts.txt' --batch 4 --seq 16 --lr 0.00033 --out/u,
    );
    expect(text).not.toContain("--resume");
  });

  it("say that it is too early while runs are missing, or seeds do not separate the rows", async () => {
    const folders = [1, 2, 3].map(() => join(temporaryFolder(), "c"));
    const [early = "", first = "", close = ""] = folders;
    await makeComparison(early, { done: 2, isHeld: false });
    expect((await ask(await serve(early), "/")).text).toContain(
      "Too early to say: 2 of 6 runs are done.",
    );
    await makeComparison(first, { done: 1, isHeld: false });
    expect((await ask(await serve(first), "/")).text).toContain("1 of 6 runs is done.");
    await makeComparison(close, { done: 6, apart: 0 });
    expect((await ask(await serve(close), "/")).text).toContain(
      "Too early to say which is best: seeds do not",
    );
  });

  it("wait where there is nothing yet", async () => {
    const { status, text } = await ask(await serve(temporaryFolder()), "/");
    expect(status).toBe(200);
    expect(text).toContain("No runs yet");
  });

  it("write names and messages as text", async () => {
    const folder = join(temporaryFolder(), "a<b>&");
    await makeRun(folder, { state: "failed" });
    const status = { format: "ligo.status", format_version: 1, begun: "", seconds: {} };
    const ended = { code: "run/failed", message: "<script>alert(1)</script>", at: "" };
    writeFileSync(join(folder, "status.json"), JSON.stringify({ ...status, ended }));
    const { text } = await ask(await serve(folder), "/");
    expect(text).toContain("&lt;script&gt;alert(1)");
    expect(text).not.toContain("<script>alert");
    expect(text).not.toContain("<b>");
  });
});

describe("updates", () => {
  it("come as a run goes on, and when its process is gone", async () => {
    const folder = join(temporaryFolder(), "run");
    const lock = await makeRun(folder, { command: "train", state: "running", done: 10, steps: 40 });
    const following = updates(await serve(folder), "/");
    expect((await following.next()).value).toMatchObject({
      title: expect.stringMatching(/^25 %/u) as string,
    });
    const lines = metricLines("train", 20, 40);
    appendFileSync(join(folder, "metrics.jsonl"), lines.slice(metricLines("train", 10, 40).length));
    expect((await following.next()).value).toMatchObject({
      title: expect.stringMatching(/^50 %/u) as string,
      body: expect.stringContaining("20 of 40") as string,
    });
    await lock?.release();
    expect((await following.next()).value).toMatchObject({
      title: expect.stringMatching(/^stopped/u) as string,
    });
  });

  it("show a run that begins later", async () => {
    const folder = temporaryFolder();
    const following = updates(await serve(folder), "/");
    expect((await following.next()).value).toMatchObject({
      body: expect.stringContaining("No runs yet") as string,
    });
    await makeRun(join(folder, "new"), { state: "finished" });
    expect((await following.next()).value).toMatchObject({
      body: expect.stringContaining("1 run<") as string,
    });
  });
});

describe("the server", () => {
  it("answers nothing outside the folders", async () => {
    const folder = join(temporaryFolder(), "shown");
    mkdirSync(folder);
    await makeRun(join(folder, "run"), { state: "finished" });
    await makeRun(join(folder, "../secret"), { state: "finished" });
    const url = await serve(folder);
    const paths = [
      "/show/shown/../secret",
      "/show/..%2fsecret",
      "/show/shown/%2e%2e/secret",
      "/show//etc/passwd",
      "/assets/../package.json",
      "/show/shown/run/recipe.json",
      "/events/show/secret",
      "/show/%E0%A4%A",
      "/shown/run",
    ];
    for (const path of paths) expect(await ask(url, path), path).toMatchObject({ status: 404 });
    expect(await ask(url, "/show/shown/run")).toMatchObject({ status: 200 });
  });

  it("answers no name that another page may have made lead here, and writes nothing", async () => {
    const url = await serve(temporaryFolder());
    expect(await ask(url, "/", { host: "evil.example" })).toMatchObject({ status: 403 });
    expect(await ask(url, "/events/", { host: "evil.example:5210" })).toMatchObject({
      status: 403,
    });
    expect(await ask(url, "/", { host: "localhost:1" })).toMatchObject({ status: 200 });
    expect(await ask(url, "/", {}, "POST")).toMatchObject({ status: 405 });
  });

  it("lets a page load nothing but its own scripts and styles", async () => {
    const url = await serve(temporaryFolder());
    const { headers, text } = await ask(url, "/");
    expect(headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'");
    const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/gu)].map(([, path = ""]) => path);
    const own = loaded.filter((path) => path.startsWith("/assets/"));
    expect(own).toHaveLength(5);
    expect(loaded.filter((path) => !path.startsWith("/assets/"))).toEqual(["data:,"]);
    for (const path of own) expect(await ask(url, path), path).toMatchObject({ status: 200 });
  });

  it("says that a port is taken, and that an address is none of this machine", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const folders = [temporaryFolder()];
    await expect(serveBoard({ folders, port })).rejects.toMatchObject({
      code: "board/port-in-use",
    });
    await expect(serveBoard({ folders, port: 0, host: "203.0.113.7" })).rejects.toMatchObject({
      code: "board/no-address",
    });
    await expect(serveBoard({ folders: ["nowhere"] })).rejects.toMatchObject({
      code: "board/no-folder",
    });
  });
});

describe("isAllowedHost", () => {
  it.each([
    ["127.0.0.1:5210", "127.0.0.1", true],
    ["localhost", "127.0.0.1", true],
    ["[::1]:5210", "::1", true],
    ["192.168.0.7:5210", "127.0.0.1", false],
    ["192.168.0.7:5210", "0.0.0.0", true],
    ["gpu-box:5210", "gpu-box", true],
    ["evil.example", "0.0.0.0", false],
    ["evil.example", "gpu-box", false],
    ["localhost.evil.example", "127.0.0.1", false],
    ["a b", "127.0.0.1", false],
    [undefined, "127.0.0.1", false],
  ])("of %s on %s is %s", (header, bound, allowed) => {
    expect(isAllowedHost(header, bound)).toBe(allowed);
  });
});
