import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { serveUploads } from "@ligo/vitest/loopback-uploads";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { afterEach, expect, it, vi } from "vitest";
import { ligo, temporaryFolder } from "../__fixtures__/run-ligo.js";

const TOKEN = "hf_loopbackTOKENloopbackTOKEN";

afterEach(() => vi.unstubAllEnvs());

it("push says what would be sent, sends it, and says what is there", async () => {
  const hub = await serveUploads(TOKEN);
  const home = temporaryFolder();
  const { checkpoint } = await tinyModel(join(home, "small"));
  vi.stubEnv("HF_ENDPOINT", hub.endpoint);
  vi.stubEnv("HF_HUB_OFFLINE", "");
  vi.stubEnv("HF_HOME", home);
  // as `hf auth login` leaves it
  writeFileSync(join(home, "token"), `${TOKEN}\n`);
  const argv = ["push", checkpoint, "org/small"];

  const dry = await ligo([...argv, "--dry-run"]);
  expect(dry.code).toBe(0);
  expect(dry.stdout).toContain(`${hub.endpoint}/org/small, which would be made private\n`);
  expect(dry.stdout).toMatch(/^model\.safetensors +\S+ MB +would be sent$/mu);
  expect(hub.repositories.size).toBe(0);

  const sent = await ligo([...argv, "--json"]);
  expect(JSON.parse(sent.stdout)).toMatchObject({ created: true, visibility: "private" });
  expect(hub.repositories.get("org/small")?.files.has("model.safetensors")).toBe(true);
  expect(`${sent.stdout}${sent.stderr}${dry.stderr}`).not.toContain(TOKEN);

  const again = await ligo(argv);
  expect(again.stdout).toContain("Everything is there already.\n");
});

it("push of a folder without a model ends with exit code 2", async () => {
  const { code, stderr } = await ligo(["push", temporaryFolder(), "org/small"]);
  expect(code).toBe(2);
  expect(stderr).toContain("has no config.json, model.safetensors");
});
