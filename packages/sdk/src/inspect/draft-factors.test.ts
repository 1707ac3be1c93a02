import { rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkConfig, type Architecture, type Axis, type Layout, type RawConfig } from "@ligo/core";
import type { Factor } from "@ligo/core/layout";
import { gemma2, gemma3 } from "@ligo/gemma";
import { gptNeoX } from "@ligo/gpt-neox";
import { llama } from "@ligo/llama";
import { modernBert } from "@ligo/modernbert";
import { qwen2, qwen3 } from "@ligo/qwen";
import { openCheckpoint } from "@ligo/checkpoint";
import { describe, expect, it } from "vitest";
import { inspect } from "../inspect.js";
import { draftLayout, type LayoutDraft } from "./draft-layout.js";

const recorded = (path: string): string =>
  fileURLToPath(new URL(`../../../${path.replace("/", "/src/__fixtures__/")}`, import.meta.url));

/** A recorded checkpoint: its draft, as if nobody knew it, and its layout. */
async function drafted(
  architecture: Architecture,
  path: string,
): Promise<{ config: RawConfig; draft: LayoutDraft; layout: Layout; source: string }> {
  const checkpoint = await openCheckpoint(recorded(path));
  const { config } = checkpoint;
  await checkpoint.close();
  const found = await inspect(recorded(path), { draft: true });
  if (found.kind === "layout") throw new Error("it was to be drafted");
  const className = (config["architectures"] as readonly string[])[0] ?? "";
  const layout = architecture.layout(checkConfig(architecture, config), className);
  return { config, draft: found.draft, layout, source: found.source };
}

const text = ({ interleavedBy = "", space, role }: Axis): string =>
  `${String(space)}:${role} ${interleavedBy}`.trim();

type Axes = Readonly<Record<string, readonly string[]>>;

const axesOf = (
  parameters: readonly { readonly name: string; readonly axes: readonly Axis[] }[],
): Axes => Object.fromEntries(parameters.map(({ name, axes }) => [name, axes.map(text)]));

const unsure = ({ parameters }: LayoutDraft): readonly string[] =>
  parameters.flatMap(({ name, axes }) =>
    axes.flatMap(({ certainty }, index) => (certainty === "sure" ? [] : [`${name} ${index}`])),
  );

/** Spaces of attention; speeds that several kinds of layer share once. */
function attentionOf(spaces: Layout["spaces"]): Layout["spaces"] {
  const names = ["query", "key", "value", "context", "queryChannel", "keyChannel"];
  const distinct = ({ rotary, ...factor }: Factor): Factor =>
    rotary === undefined
      ? factor
      : { ...factor, rotary: [...new Map(rotary.map((one) => [one.join(), one])).values()] };
  return Object.fromEntries(
    names.flatMap((name) => {
      const space = spaces[name];
      return space === undefined
        ? []
        : [[name, { ...space, factors: space.factors?.map(distinct) ?? [] }]];
    }),
  );
}

/** The layout that a drafted `layout.ts` gives when it is run. */
async function runDraft(source: string, config: RawConfig): Promise<Layout> {
  // it lies in the package, where its imports resolve
  const name = `.readme-example-${String(config["model_type"])}-${process.pid}.ts`;
  const file = fileURLToPath(new URL(`../../${name}`, import.meta.url));
  writeFileSync(file, source);
  try {
    const exported = (await import(file)) as Readonly<
      Record<string, (config: RawConfig, className: string) => Layout>
    >;
    const [layout] = Object.values(exported);
    if (layout === undefined) throw new Error("the draft exports nothing");
    return layout(config, "SomeModel");
  } finally {
    rmSync(file);
  }
}

const known: readonly (readonly [string, Architecture, readonly string[]])[] = [
  ["llama/LlamaForCausalLM", llama, []],
  ["llama/LlamaForSequenceClassification", llama, []],
  ["llama/multi-query", llama, []],
  ["llama/llama3-positions", llama, []],
  ["qwen/qwen2/Qwen2ForCausalLM", qwen2, []],
  ["qwen/qwen2/tied", qwen2, []],
  ["qwen/qwen3/Qwen3ForCausalLM", qwen3, []],
  ["gemma/gemma2/Gemma2ForCausalLM", gemma2, []],
  ["gemma/gemma3/Gemma3ForCausalLM", gemma3, []],
  // whether heads interleave no shape tells
  [
    "gpt-neox/GPTNeoXForCausalLM",
    gptNeoX,
    ["bias 0", "weight 0"].map((of) => `gpt_neox.layers.{i}.attention.query_key_value.${of}`),
  ],
];

describe.each(known)("the draft of %s", (path, architecture, guessed) => {
  it("has the axes of its package's layout", async () => {
    const { draft, layout } = await drafted(architecture, path);
    expect(axesOf(draft.parameters)).toEqual(
      axesOf(layout.parameters.filter(({ tiedTo }) => tiedTo === undefined)),
    );
    expect(unsure(draft)).toEqual(guessed);
    const isRms = layout.parameters.some(({ norm }) => norm === "rms");
    expect(draft.open.some((one) => one.includes("taken for RMS norms"))).toBe(isRms);
  });

  it("has its spaces of attention: factors, scale, speeds, and what carries the values", async () => {
    const { config, draft, layout, source } = await drafted(architecture, path);
    const real = attentionOf(layout.spaces);
    expect(attentionOf(draft.attention?.spaces ?? {})).toEqual(real);
    expect(attentionOf((await runDraft(source, config)).spaces)).toEqual(real);
  });
});

describe("a draft of attention", () => {
  it("guesses gates behind each other, and query, key and value of ModernBERT", async () => {
    const { draft, layout } = await drafted(modernBert, "modernbert/ModernBertForMaskedLM");
    const [found, real] = [axesOf(draft.parameters), axesOf(layout.parameters)];
    for (const name of ["attn.Wqkv.weight", "attn.Wo.weight", "mlp.Wi.weight", "mlp.Wo.weight"]) {
      const full = `model.layers.{i}.${name}`;
      expect(found[full], full).toEqual(real[full]);
    }
    expect(unsure(draft)).toContain("model.layers.{i}.mlp.Wi.weight 0");
  });

  const config = {
    model_type: "odd",
    hidden_size: 12,
    num_attention_heads: 6,
    num_hidden_layers: 2,
    rope_local_base: 9,
  };
  const headers = (keys: number): ReadonlyMap<string, { readonly shape: readonly number[] }> =>
    new Map(
      [0, 1].flatMap((layer) =>
        Object.entries({
          q_proj: [12, 12],
          k_proj: [keys, 12],
          v_proj: [keys, 12],
          o_proj: [12, 12],
        }).map(([name, shape]) => [`odd.layers.${layer}.attn.${name}.weight`, { shape }] as const),
      ),
    );

  it("counts heads of keys by their layer where the config does not, and asks for the key", () => {
    const { attention, open } = draftLayout(config, headers(4));
    expect(attention?.spaces["key"]?.factors).toMatchObject([
      { name: "kvHead", size: 2 },
      { name: "channel", size: 2 },
    ]);
    expect(attention?.spaces["context"]?.carries).toBe("value");
    expect(open).toEqual(
      expect.arrayContaining([
        "attention: which config key counts its 2 heads of keys and values?",
        "attention: rope_local_base speaks of rotary embeddings, and the draft does not read it",
      ]),
    );
  });

  it("says where keys fit no number of heads", () => {
    const draft = draftLayout(config, headers(5));
    expect(draft.attention?.keyValueHeads).toBeUndefined();
    expect(unsure(draft)).toContain("odd.layers.{i}.attn.k_proj.weight 0");
    expect(draft.open).toContain(
      "odd.layers.{i}.attn.k_proj.weight, axis 0: guess, 5 is not 12, as heads and their size say",
    );
  });
});
