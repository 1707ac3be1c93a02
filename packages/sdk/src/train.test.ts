import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { afterEach, describe, expect, it, vi } from "vitest";
import { train } from "./train.js";

afterEach(() => vi.unstubAllEnvs());

describe("train", () => {
  it("takes a config with its tokenizer in memory, and nothing from the current folder", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const config = JSON.parse(readFileSync(join(checkpoint, "config.json"), "utf8")) as object;
    const tokenizer = readFileSync(join(checkpoint, "tokenizer.json"));
    const temporary = temporaryFolder();
    vi.stubEnv("TMPDIR", temporary);
    const trained = await train(
      { config: { ...config }, companions: new Map([["tokenizer.json", tokenizer]]) },
      {
        data: text,
        steps: 2,
        batch: 2,
        sequence: 12,
        cache: false,
        engine: "reference",
        architectures: [bert],
      },
    );
    expect(Buffer.from(trained.companions.get("tokenizer.json") ?? [])).toEqual(tokenizer);
    expect([...trained.companions.keys()]).toEqual(["tokenizer.json"]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("says where it looked for a tokenizer that a config does not bring", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const config = JSON.parse(readFileSync(join(checkpoint, "config.json"), "utf8")) as object;
    const settings = { data: text, steps: 2, engine: "reference", architectures: [bert] } as const;
    await expect(train({ config: { ...config } }, settings)).rejects.toMatchObject({
      code: "data/no-tokenizer",
    });
  });
});
