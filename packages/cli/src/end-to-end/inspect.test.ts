import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeCheckpoint } from "@ligo/checkpoint";
import type { Layout, RawConfig } from "@ligo/core";
import { resolveTensors } from "@ligo/core/layout";
import { describe, expect, it } from "vitest";
import { fixture, ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import recorded from "@ligo/vitest/drafted.json" with { type: "json" };
import { inspect, type InspectResult } from "@ligo/sdk";

type Known = Extract<InspectResult, { kind: "layout" }>;
type Drafted = Extract<InspectResult, { kind: "draft" }>;

/** Writes a checkpoint of zeros; returns its folder. */
async function writeZeros(
  config: RawConfig,
  shapes: Readonly<Record<string, readonly number[]>>,
): Promise<string> {
  const folder = join(temporaryFolder(), "checkpoint");
  await writeCheckpoint(folder, {
    config: { architectures: ["SomeModel"], ...config },
    dtype: "F32",
    tensors: Object.entries(shapes).map(([name, shape]) => ({
      name,
      shape,
      data: () => new Float32Array(shape.reduce((product, size) => product * size, 1)),
    })),
  });
  return folder;
}

/** The layout that a drafted `layout.ts` gives when it is run. */
async function runDraft(name: string, source: string, config: RawConfig): Promise<Layout> {
  // it lies in the package, where its imports resolve
  const file = fileURLToPath(
    new URL(`../../.readme-example-${name}-${process.pid}.ts`, import.meta.url),
  );
  writeFileSync(file, source);
  try {
    const exported = (await import(file)) as Record<
      string,
      (config: RawConfig, className: string) => Layout
    >;
    return Object.values(exported)[0]!(config, "SomeModel");
  } finally {
    rmSync(file);
  }
}

describe("ligo inspect", () => {
  it("prints the layout of a known architecture", async () => {
    const { code, stdout, stderr } = await ligo(["inspect", fixture("bert-tiny")]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("BertForMaskedLM (bert)");
    expect(stdout).toMatch(/^query +32 +grows, a map per layer +head 4 x channel 8$/m);
    expect(stdout).toMatch(/^encoder +2 layers +post-norm$/m);
    expect(stdout).toMatch(
      /^bert\.encoder\.layer\.\{i\}\.intermediate\.dense\.weight +\[64, 32\] +mlp:out, embed:in$/m,
    );
    expect(stdout).toMatch(/^cls\.predictions\.decoder\.weight .*tied to bert\.embeddings/m);
  });

  it("gives it as JSON", async () => {
    const result = await ligoJson<Known>(["inspect", fixture("bert-tiny-untied")]);
    expect(result).toMatchObject({
      kind: "layout",
      architecture: "bert",
      class: "BertForMaskedLM",
    });
    expect(result.stacks).toEqual({ encoder: { layers: 2, norm: "post" } });
    expect(result.parameters.find(({ name }) => name === "cls.predictions.bias")).toMatchObject({
      shape: [120],
      copy_of: "cls.predictions.decoder.bias",
    });
    expect(result.ignored).toEqual(["cls.predictions.bias"]);
  });

  it("drafts a layout.ts for an unknown architecture, to stdout", async () => {
    const { config, headers } = recorded.vit;
    const folder = await writeZeros({ ...config, model_type: "unheard-of" }, headers);
    const { code, stdout, stderr } = await ligo(["inspect", folder]);
    expect(code).toBe(0);
    expect(stderr).toContain("(unheard-of), for which no architecture is used: a draft.");
    expect(stdout).toContain(
      "export function unheardOfLayout(config: UnheardOfConfig, className: string)",
    );
    expect(stdout).toContain(
      'stacks: {\n      encoder: { layers: config.num_hidden_layers, norm: "pre" }',
    );
    expect(stdout).not.toContain("UNKNOWN,");
  });

  it("drafts one where it is asked to, with what is open", async () => {
    const result = await ligoJson<Drafted>(["inspect", fixture("bert-tiny"), "--draft"]);
    expect(result.kind).toBe("draft");
    expect(result.draft.open).toHaveLength(5);
    expect(result.draft.open).toContain(
      "cls.predictions.transform.dense.weight, axis 0: guess, before a readout tied to the embedding",
    );
    expect(result.draft.open.at(-1)).toMatch(
      /^a readout tied to bert\.embeddings\.word_embeddings\.weight is not/,
    );
  });

  it("marks what it cannot guess", async () => {
    const folder = await writeZeros(
      { model_type: "odd", hidden_size: 8, num_hidden_layers: 2 },
      Object.fromEntries([0, 1].map((layer) => [`odd.h.${layer}.mixer`, [17, 5]])),
    );
    const { stdout, stderr } = await ligo(["inspect", folder]);
    expect(stdout).toContain("// UNKNOWN, axis 0: nothing in the config is 17");
    expect(stdout).toContain('norm: "pre" /* UNKNOWN: or "post"? */');
    expect(stderr).toContain("to settle by hand:\n");
  });

  it.each(["gpt2", "vit"] as const)(
    "drafts a layout of %s that reads the checkpoint",
    async (name) => {
      const { config } = recorded[name];
      const headers: Readonly<Record<string, readonly number[]>> = recorded[name].headers;
      const folder = await writeZeros({ ...config, model_type: "unheard-of" }, headers);
      const result = await inspect(folder);
      const layout = await runDraft(name, (result as Drafted).source, config);
      const file = new Map(Object.entries(headers).map(([key, shape]) => [key, { shape }]));
      const { tensors, dropped } = resolveTensors(layout, file);
      expect([tensors.size, dropped]).toEqual([Object.keys(headers).length, []]);
    },
  );

  it("refuses what is no checkpoint", async () => {
    const { code, stderr } = await ligo(["inspect", join(temporaryFolder(), "nowhere")]);
    expect(code).toBe(2);
    expect(stderr).toContain("error [checkpoint/");
  });
});
