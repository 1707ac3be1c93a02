import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { LigoEvent } from "./events.js";
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

  it("tells that sequences are cut to the positions of the model, where longer ones were asked for", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const cuts: object[] = [];
    const onEvent = (event: LigoEvent): void => {
      if (event.type === "warning" && event.code === "sequence-cut") cuts.push(event);
    };
    const common = { data: text, steps: 1, batch: 2, cache: false, engine: "reference" } as const;
    const here = { ...common, onEvent, architectures: [bert] };
    const { max_position_embeddings: positions } = JSON.parse(
      readFileSync(join(checkpoint, "config.json"), "utf8"),
    ) as { readonly max_position_embeddings: number };
    await train(checkpoint, here);
    await train(checkpoint, { ...here, sequence: positions });
    expect(cuts).toEqual([]);
    await train(checkpoint, { ...here, sequence: positions + 8 });
    expect(cuts).toEqual([
      { type: "warning", code: "sequence-cut", asked: positions + 8, positions },
    ]);
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
