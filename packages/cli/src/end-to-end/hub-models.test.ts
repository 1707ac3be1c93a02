import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMIT, serveHub, type LoopbackHub, type ServedFile } from "@ligo/vitest/loopback-hub";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { TINY_TARGET, tinyModel } from "@ligo/vitest/tiny-model";

const ID = "org/tiny";
const TOKEN = "hf_secretsecretsecret";

afterEach(() => vi.unstubAllEnvs());

/** A hub that serves a tiny model and its text, and a cache of its own. */
async function hubWithModel(): Promise<{
  hub: LoopbackHub;
  home: string;
  checkpoint: string;
  text: string;
}> {
  const home = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(home, "small"));
  const files: Record<string, ServedFile> = {};
  for (const name of readdirSync(checkpoint)) {
    files[name] = {
      contents: readFileSync(join(checkpoint, name)),
      large: name.endsWith(".safetensors"),
    };
  }
  const hub = await serveHub({
    [ID]: files,
    "datasets/org/words": { "train.txt": { contents: readFileSync(text) } },
  });
  vi.stubEnv("HF_ENDPOINT", hub.endpoint);
  vi.stubEnv("HF_HOME", join(home, "cache"));
  vi.stubEnv("HF_HUB_OFFLINE", "");
  vi.stubEnv("HF_TOKEN", TOKEN);
  return { hub, home, checkpoint, text };
}

describe("a model on the hub", () => {
  it("is planned and inspected from its headers alone", async () => {
    const { hub, checkpoint } = await hubWithModel();
    const plan = ["plan", "--to", TINY_TARGET];
    const [remote, local] = [
      await ligoJson<object>([...plan, ID]),
      await ligoJson<object>([...plan, checkpoint]),
    ];
    expect(remote).toEqual({ ...local, checkpoint: ID });
    const inspected = await ligoJson<{ parameters: unknown[] }>(["inspect", `${ID}@main`]);
    expect(inspected.parameters.length).toBeGreaterThan(0);
    const stored = hub.seen.filter(({ path }) => path.startsWith("/storage/"));
    expect(stored.every(({ range }) => range?.startsWith("bytes=0-"))).toBe(true);
  });

  it("is grown on a dataset of the hub, as from a folder; the record says where it came from", async () => {
    const { home, checkpoint, text } = await hubWithModel();
    const grow = (from: string, data: string, out: string): string[] =>
      [
        "grow",
        from,
        "--to",
        TINY_TARGET,
        "--data",
        data,
        "--out",
        out,
        "--steps",
        "2",
        "--batch",
        "4",
      ].concat(["--tokenizer", from]);
    const [one, two] = [join(home, "one"), join(home, "two")];
    const ran = await ligo(grow(ID, "hf://datasets/org/words", one));
    expect(ran.stderr).toContain("downloaded org/tiny/model.safetensors");
    expect(ran.code).toBe(0);
    await ligoJson(grow(checkpoint, text, two));
    const weights = (folder: string): Buffer => readFileSync(join(folder, "model.safetensors"));
    expect(weights(one)).toEqual(weights(two));
    const record = readFileSync(join(one, "ligo.json"), "utf8");
    expect((JSON.parse(record) as { source: { hub: unknown } }).source.hub).toEqual({
      name: ID,
      revision: "main",
      commit: COMMIT,
    });
    expect(existsSync(join(one, "tokenizer.json"))).toBe(true);
    expect(`${record}${ran.stderr}${ran.stdout}`).not.toContain(TOKEN);
  });

  it("gives its config to grow to", async () => {
    const { checkpoint } = await hubWithModel();
    const plan = await ligoJson<{ source: { parameters: number }; target: { parameters: number } }>(
      ["plan", checkpoint, "--to", ID],
    );
    expect(plan.target.parameters).toBe(plan.source.parameters);
  });

  it("is not asked for where there is a path of its name", async () => {
    const { hub, checkpoint } = await hubWithModel();
    const here = process.cwd();
    try {
      const folder = temporaryFolder();
      mkdirSync(join(folder, "org"));
      process.chdir(folder);
      await tinyModel(join("org", "tiny"));
      await ligoJson(["inspect", ID]);
      await ligoJson(["inspect", checkpoint]);
      const missing = await ligo(["inspect", "./org/other"]);
      expect(missing.stderr).toContain("checkpoint/not-found");
      expect(hub.seen).toEqual([]);
      await ligoJson(["inspect", `hf://${ID}`]);
      expect(hub.seen.length).toBeGreaterThan(0);
    } finally {
      process.chdir(here);
    }
  });

  it("that is nowhere is told with both readings", async () => {
    await hubWithModel();
    const { code, stderr } = await ligo(["inspect", "org/mistyped"]);
    expect(code).toBe(2);
    expect(stderr).toContain("hub/not-found");
    for (const part of [
      "no file or folder org/mistyped",
      "no model org/mistyped on http",
      "./org/mistyped",
    ]) {
      expect(stderr).toContain(part);
    }
    expect(stderr).not.toContain(TOKEN);
  });
});

it("data of the hub that are not there are an error before anything is written", async () => {
  const { home, checkpoint } = await hubWithModel();
  const out = join(home, "out");
  const argv = ["train", checkpoint, "--out", out, "--data", "hf://datasets/org/words/missing.txt"];
  const { code, stderr } = await ligo(argv);
  expect(code).toBe(2);
  expect(stderr).toContain("hub/no-match");
  expect(existsSync(join(out, "config.json"))).toBe(false);
});
