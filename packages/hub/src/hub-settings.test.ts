import { writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure, temporaryFolder } from "@ligo/vitest/files";
import { readHubSettings } from "./hub-settings.js";

describe("settings", () => {
  it("have the defaults of Python's library", async () => {
    const empty = join(temporaryFolder(), "none");
    expect(await readHubSettings({ HF_TOKEN_PATH: empty })).toEqual({
      endpoint: "https://huggingface.co",
      cache: join(homedir(), ".cache", "huggingface", "hub"),
      patience: 20_000,
      token: undefined,
      offline: false,
    });
  });

  it.each<[Readonly<Record<string, string>>, string]>([
    [{ HF_HUB_CACHE: "/a", HF_HOME: "/b" }, "/a"],
    [{ HUGGINGFACE_HUB_CACHE: "/a" }, "/a"],
    [{ HF_HOME: "/b" }, join("/b", "hub")],
    [{ HF_HOME: "~/b" }, join(homedir(), "b", "hub")],
    [{ XDG_CACHE_HOME: "/c" }, join("/c", "huggingface", "hub")],
    [{ HF_HOME: "", XDG_CACHE_HOME: "/c" }, join("/c", "huggingface", "hub")],
  ])("%j: the cache is %s", async (environment, cache) => {
    expect((await readHubSettings(environment)).cache).toBe(cache);
  });

  it("take the token of HF_TOKEN before the one in the file", async () => {
    const home = temporaryFolder();
    await writeFile(join(home, "token"), "hf_file\n");
    expect((await readHubSettings({ HF_HOME: home })).token).toBe("hf_file");
    expect((await readHubSettings({ HF_HOME: home, HF_TOKEN: " hf_set " })).token).toBe("hf_set");
    const other = join(home, "other");
    await writeFile(other, "hf_other");
    expect((await readHubSettings({ HF_HOME: home, HF_TOKEN_PATH: other })).token).toBe("hf_other");
  });

  it.each([
    ["1", true],
    ["ON", true],
    ["yes", true],
    ["0", false],
    ["", false],
  ])("HF_HUB_OFFLINE=%s is %s", async (value, offline) => {
    expect((await readHubSettings({ HF_HUB_OFFLINE: value })).offline).toBe(offline);
  });

  it.each(["nonsense", "ftp://host", "https://user:secret@host"])(
    "HF_ENDPOINT=%s is refused and not shown",
    async (endpoint) => {
      const error = await failure(readHubSettings({ HF_ENDPOINT: endpoint }));
      expect(error.code).toBe("hub/bad-endpoint");
      expect(error.message).not.toContain("secret");
    },
  );
});
