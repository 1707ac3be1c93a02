import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bert } from "@ligo/bert";
import type { RawConfig } from "@ligo/core";
import { gpt2 } from "@ligo/gpt2";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { plan } from "../plan.js";
import { planConfigs, type ConfigPlanSettings } from "./plan-configs.js";

const fixture = (path: string): string =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const BERT = fixture("bert/src/__fixtures__/bert-tiny");
const architectures = [bert, gpt2];
const configOf = (folder: string): RawConfig =>
  JSON.parse(readFileSync(`${folder}/config.json`, "utf8")) as RawConfig;

describe("planConfigs", () => {
  it.each<[string, ConfigPlanSettings]>([
    ["keys", { to: { num_hidden_layers: 5 }, batch: 4, sequence: 16 }],
    ["JSON", { to: '{"num_hidden_layers": 5}', form: "model" }],
    ["a word", { to: "2x" }],
    ["a list of layers", { layers: "0-2,1-2" }],
    ["more positions and tokens", { to: { max_position_embeddings: 99, vocab_size: 200 } }],
    ["a start", { to: "2x-wide", start: "lemon" }],
  ])("plans %s as `plan` does from a checkpoint", async (_, settings) => {
    const {
      checkpoint: _folder,
      ignored: _unread,
      ...report
    } = planConfigs(configOf(BERT), architectures, settings);
    expect(await plan(BERT, { ...settings, architectures })).toMatchObject(report);
  });

  it("takes half-precision weights to have two bytes", () => {
    const config = configOf(BERT);
    const to = { num_hidden_layers: 5 };
    const whole = planConfigs(config, architectures, { to }).disk.weights;
    const half = planConfigs({ ...config, dtype: "bfloat16" }, architectures, { to });
    expect(half.disk.weights).toBe(whole / 2);
  });

  it.each<[string, RawConfig, ConfigPlanSettings]>([
    ["sdk/unknown-architecture", { model_type: "t5" }, { to: "2x" }],
    ["sdk/target-missing", configOf(BERT), { to: "large.json" }],
    ["sdk/target-word", configOf(BERT), { to: "2x-tall" }],
    ["settings/invalid", configOf(BERT), {}],
    ["plan/fewer-layers", configOf(BERT), { to: { num_hidden_layers: 1 } }],
    ["config/unknown-key", configOf(BERT), { to: { num_hiden_layers: 5 } }],
  ])("throws %s", (code, config, settings) => {
    expect(() => planConfigs(config, architectures, settings)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it("is bundled for a browser without modules of Node.js", async () => {
    const { metafile } = await build({
      entryPoints: [fileURLToPath(new URL("index.ts", import.meta.url))],
      bundle: true,
      format: "esm",
      platform: "browser",
      conditions: ["@ligo/source"],
      metafile: true,
      write: false,
      outdir: "unwritten",
      logLevel: "silent",
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.filter((path) => path.includes("packages/core/")).length).toBeGreaterThan(10);
    expect(
      inputs.filter((path) => /packages\/(?:checkpoint|hub|data|engine)\//u.test(path)),
    ).toEqual([]);
  });
});
