import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bert } from "@ligo/bert";
import { dinov2 } from "@ligo/dinov2";
import { gemma3 } from "@ligo/gemma";
import { gptNeoX } from "@ligo/gpt-neox";
import { gpt2 } from "@ligo/gpt2";
import { llama } from "@ligo/llama";
import { modernBert } from "@ligo/modernbert";
import { qwen3 } from "@ligo/qwen";
import { roberta } from "@ligo/roberta";
import { vit } from "@ligo/vit";
import { temporaryFolder } from "@ligo/vitest/files";
import { describe, expect, it } from "vitest";
import { forward } from "../forward.js";
import { grow } from "../grow.js";
import { verify } from "../verify.js";

const architectures = [bert, dinov2, gemma3, gptNeoX, gpt2, llama, modernBert, qwen3, roberta, vit];
const handles = { architectures, engine: "reference" } as const;
const recorded = (path: string): string =>
  fileURLToPath(new URL(`../../../${path.replace("/", "/src/__fixtures__/")}`, import.meta.url));

type Keys = Readonly<Record<string, unknown>>;

const configOf = (folder: string): Keys =>
  JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as Keys;

const WIDTHS = [
  "hidden_size",
  "num_attention_heads",
  "num_key_value_heads",
  "intermediate_size",
  "n_embd",
  "n_head",
  "n_inner",
  "pooler_output_size",
];

/** Every width of a config, and so its heads of one size, so many times. */
function times(factor: number, config: Keys): Keys {
  const widths = WIDTHS.filter((key) => typeof config[key] === "number");
  return Object.fromEntries(widths.map((key) => [key, factor * Number(config[key])]));
}

const models: Readonly<Record<string, string>> = {
  RobertaModel: "roberta/RobertaModel",
  GPT2Model: "gpt2/GPT2Model",
  LlamaModel: "llama/LlamaModel",
  Qwen3Model: "qwen/qwen3/Qwen3Model",
  Gemma3TextModel: "gemma/gemma3/Gemma3TextModel",
  GPTNeoXModel: "gpt-neox/GPTNeoXModel",
  ModernBertModel: "modernbert/ModernBertModel",
  Dinov2Model: "dinov2/Dinov2Model",
  ViTModel: "vit/vit-model",
};

describe.each(Object.entries(models))("%s", (_className, path) => {
  const small = recorded(path);
  const config = configOf(small);

  it("keeps its states at twice the width, through the operator's map", async () => {
    const { outputs: given } = await forward(small, {
      ...handles,
      inputs: join(small, "inputs.safetensors"),
    });
    expect([...given.keys()]).toContain("last_hidden_state");
    const grown = await grow(small, { ...handles, to: times(2, config), method: "lemon" });
    expect(grown).toMatchObject({ keepsFunction: true, reasons: [] });
    const result = await verify(small, grown, { ...handles, tolerance: 1e-4 });
    expect(["kept", "within tolerance"]).toContain(result.verdict);
    expect(Object.keys(result.outputs)).toEqual([...given.keys()]);
    for (const { max, kl, states } of Object.values(result.outputs)) {
      // float32 sums of twice as many terms, of states of about one to ten
      expect(max).toBeLessThan(1e-4);
      expect(kl).toBeNull();
      expect(states).toMatchObject({ map: "operator", unread: 0 });
      expect(states?.drift).toBeLessThan(1e-5);
      expect(states?.alignment).toBeCloseTo(1, 4);
    }
    expect(result.uncompared).toBeUndefined();
  });
});

describe("verify, of models without a head", () => {
  it.each(["LlamaModel", "RobertaModel", "ViTModel"])(
    "compares a %s by alignment alone where no map is known",
    async (name) => {
      const small = recorded(models[name] ?? "");
      const config = configOf(small);
      const out = join(temporaryFolder(), "grown");
      await grow(small, { ...handles, to: times(2, config), method: "lemon", out });
      await rm(join(out, "operator.safetensors"));
      const { maxDifference, outputs, reasons, verdict } = await verify(small, out, handles);
      expect([verdict, maxDifference]).toEqual(["unknown", Number.NaN]);
      const state = outputs["last_hidden_state"];
      expect(state).toMatchObject({ max: null, mean: null, kl: null });
      expect(state?.states).toMatchObject({ map: null, drift: null });
      // copies of every channel turn no state
      expect(state?.states?.alignment).toBeCloseTo(1, 4);
      expect(reasons[0]).toMatch(
        /^embed: \d+ becomes \d+, and no map between them is known: .*grown holds no operator of this growth$/u,
      );
    },
  );

  it("leaves out channels that no layer reads", async () => {
    const small = recorded("gpt2/GPT2Model");
    const to = { n_embd: 12, n_head: 3, n_inner: 18 };
    const grown = await grow(small, { ...handles, to, method: "lemon" });
    expect(grown).toMatchObject({ keepsFunction: true });
    const { outputs, verdict } = await verify(small, grown, handles);
    // 8 of 12 channels are copies, the rest hold the mean that the norms take
    expect(outputs["last_hidden_state"]?.states).toMatchObject({ map: "operator", unread: 4 });
    expect(verdict).toBe("kept");
  });

  it("says how far layers added to a post-norm model move its states", async () => {
    const small = recorded("roberta/RobertaModel");
    const to = { num_hidden_layers: 4 };
    const grown = await grow(small, { ...handles, to, method: "lemon" });
    expect(grown.keepsFunction).toBe(false);
    expect(grown.reasons).toEqual([
      expect.stringContaining("its norms stand after the sums, where no inserted layer is"),
    ]);
    const { outputs, reasons, verdict } = await verify(small, grown, handles);
    expect(verdict).toBe("changed");
    expect(outputs["last_hidden_state"]?.max).toBeGreaterThan(1e-3);
    expect(outputs["last_hidden_state"]?.states?.map).toBe("operator");
    expect(reasons).toEqual(grown.reasons);
  });

  it("compares models of one size channel by channel, whatever made them", async () => {
    const small = recorded("vit/vit-model");
    const { outputs, verdict } = await verify(small, small, handles);
    expect(verdict).toBe("kept");
    for (const name of ["last_hidden_state", "pooler_output"]) {
      expect(outputs[name]).toMatchObject({ max: 0, states: { map: "identity", drift: 0 } });
    }
  });

  it.each([
    ["bert/BertForSequenceClassification", "BertModel", "hidden_states.encoder"],
    ["llama/LlamaForCausalLM", "LlamaModel", "hidden_states.decoder"],
  ])(
    "compares what leaves the last layers of %s and of the %s grown from it",
    async (path, className, name) => {
      const small = recorded(path);
      const config = configOf(small);
      const to = { ...config, ...times(2, config), architectures: [className] };
      const grown = await grow(small, { ...handles, to, method: "lemon" });
      const { outputs, reasons, uncompared, verdict } = await verify(small, grown, handles);
      expect(Object.keys(outputs)).toEqual([name]);
      expect(outputs[name]?.states).toMatchObject({ map: "operator", unread: 0 });
      expect([verdict, reasons]).toEqual(["kept", []]);
      expect(uncompared).toEqual(expect.arrayContaining(["logits", "last_hidden_state"]));
    },
  );

  it("compares what leaves the last layers of a model without a head and one with", async () => {
    const [bare, whole] = ["LlamaModel", "LlamaForCausalLM"].map((name) =>
      recorded(`llama/${name}`),
    ) as [string, string];
    const { outputs, reasons, verdict } = await verify(bare, whole, handles);
    expect(outputs["hidden_states.decoder"]?.states?.map).toBe("identity");
    // weights of their own
    expect(verdict).toBe("changed");
    expect(reasons).toEqual(["the class changes from LlamaModel to LlamaForCausalLM"]);
  });
});
