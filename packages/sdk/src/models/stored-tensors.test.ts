import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { gpt2 } from "@ligo/gpt2";
import { checkConfig, createRandom, type Architecture, type RawConfig } from "@ligo/core";
import { writtenTensors } from "@ligo/core/layout";
import { failure, temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { describe, expect, it } from "vitest";
import type { LigoEvent } from "../events.js";
import { forward } from "../forward.js";
import { grow } from "../grow.js";
import { plan } from "../plan.js";
import { checkDropped } from "./check-dropped.js";
import { memoryCheckpoint } from "./memory-checkpoint.js";
import { describeModel } from "./model-spec.js";
import type { MemoryModel, ModelTensor } from "./model-source.js";

const architectures = [bert, gpt2];
const engine = "reference";

/** A random model in memory, with further tensors. */
function model(
  architecture: Architecture,
  config: RawConfig,
  more: Readonly<Record<string, ModelTensor>> = {},
): MemoryModel {
  const className = (config["architectures"] as readonly string[])[0] ?? "";
  const layout = architecture.layout(checkConfig(architecture, config), className);
  const random = createRandom(7);
  const tensors = writtenTensors(layout).map(({ name, shape }): [string, ModelTensor] => {
    const size = shape.reduce((product, one) => product * one, 1);
    const data = Float32Array.from({ length: size }, () => 0.1 * random.normal());
    return [name, { dtype: "F32", shape, data }];
  });
  return { config, tensors: new Map([...tensors, ...Object.entries(more)]) };
}

const GPT2 = {
  model_type: "gpt2",
  architectures: ["GPT2LMHeadModel"],
  n_embd: 8,
  n_head: 2,
  n_layer: 1,
  n_positions: 8,
  vocab_size: 10,
};
const BERT = {
  model_type: "bert",
  architectures: ["BertModel"],
  hidden_size: 8,
  num_attention_heads: 2,
  num_hidden_layers: 1,
  intermediate_size: 16,
  max_position_embeddings: 8,
  vocab_size: 10,
};

const more = { to: { num_hidden_layers: 2 }, method: "stack", engine, architectures } as const;
const tensorOf = (shape: readonly number[], data: Float32Array): ModelTensor => ({
  dtype: "F32",
  shape,
  data,
});

describe("a stored copy of a tied table", () => {
  const table = model(gpt2, GPT2).tensors.get("transformer.wte.weight") as ModelTensor;
  const withHead = (head: ModelTensor): MemoryModel =>
    model(gpt2, GPT2, { "lm_head.weight": head });

  it("is not written where it is one, of the same dtype or rounded to a shorter", async () => {
    for (const head of [
      table,
      { ...table, dtype: "BF16", data: (table.data as Float32Array).map(toBfloat16) },
    ]) {
      const grown = await grow(withHead(head), more);
      expect(grown.tensors.has("lm_head.weight")).toBe(false);
    }
  });

  it.each([
    [
      "other numbers",
      table.shape,
      (data: Float32Array) => data.map((x, at) => x + Number(at === 9)),
    ],
    ["another shape", [11, 8], () => new Float32Array(88)],
  ] as const)("is refused with %s, and both are named", async (_name, shape, change) => {
    const head = tensorOf(shape, change(table.data as Float32Array));
    for (const error of [
      await failure(grow(withHead(head), more)),
      await failure(plan(withHead(head), { to: { n_layer: 2 }, architectures })),
      await failure(
        forward(withHead(head), {
          engine,
          architectures,
          inputs: { input_ids: { shape: [1, 2], data: Int32Array.of(1, 2) } },
        }),
      ),
    ]) {
      expect(error).toMatchObject({ code: "layout/copy-differs", tensor: "lm_head.weight" });
      expect(error.message).toContain("transformer.wte.weight");
      expect(error.message).toContain('"tie_word_embeddings": false');
    }
  });

  it("is a head of its own where the config says so", async () => {
    const config = { ...GPT2, tie_word_embeddings: false };
    const grown = await grow(model(gpt2, config), more);
    expect(grown.tensors.has("lm_head.weight")).toBe(true);
  });

  it("is refused where it holds NaN", async () => {
    const head = tensorOf(
      table.shape,
      (table.data as Float32Array).map(() => Number.NaN),
    );
    expect((await failure(grow(withHead(head), more))).code).toBe("checkpoint/not-finite");
  });
});

const toBfloat16 = (value: number): number => {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  const [b = 0] = bits;
  bits[0] = (b + 0x7fff + ((b >>> 16) & 1)) & 0xffff0000;
  return new Float32Array(bits.buffer)[0] ?? 0;
};

describe("a stored buffer", () => {
  const positions = (numbers: readonly number[]): ModelTensor => ({
    dtype: "I64",
    shape: [1, numbers.length],
    data: BigInt64Array.from(numbers.map(BigInt)),
  });
  const mask = (value: (row: number, column: number) => number): ModelTensor => ({
    dtype: "F32",
    shape: [1, 1, 8, 8],
    data: Float32Array.from({ length: 64 }, (_, at) => value(Math.floor(at / 8), at % 8)),
  });
  const causal = mask((row, column) => Number(column <= row));
  const number = (value: number): ModelTensor => tensorOf([], Float32Array.of(value));

  it("is passed over where it holds what it must", async () => {
    const ids = { "embeddings.position_ids": positions([0, 1, 2, 3, 4, 5, 6, 7]) };
    expect((await grow(model(bert, BERT, ids), more)).tensors.has("embeddings.position_ids")).toBe(
      false,
    );
    const masks = {
      "transformer.h.0.attn.bias": causal,
      "transformer.h.0.attn.masked_bias": number(-1e4),
    };
    expect((await grow(model(gpt2, GPT2, masks), more)).tensors.size).toBe(28);
  });

  it("may be minus infinity where it masks in half precision", async () => {
    const masked = { ...number(-Infinity), dtype: "F16" };
    const source = model(gpt2, GPT2, { "transformer.h.0.attn.masked_bias": masked });
    expect((await grow(source, more)).tensors.size).toBe(28);
  });

  it("may hold the speeds of rotary embeddings, in half precision too, and no others", async () => {
    const check = (base: number, factor: number = 1): Promise<void> => {
      const data = Float32Array.of(factor, toBfloat16(factor * base ** -0.5));
      const tensors = new Map([["inv_freq", tensorOf([2], data)]]);
      const { checkpoint } = memoryCheckpoint({ config: BERT, tensors });
      const buffers = new Map([["inv_freq", [1, 10_000 ** -0.5]]]);
      return checkDropped(checkpoint, { buffers, copies: [] }, describeModel(bert, BERT, "x"));
    };
    await check(10_000);
    await check(10_000, 0.25);
    expect(await failure(check(500_000))).toMatchObject({
      code: "layout/buffer-differs",
      tensor: "inv_freq",
    });
  });

  it.each([
    [bert, BERT, "embeddings.position_ids", positions([2, 3, 4, 5, 6, 7, 8, 9])],
    [gpt2, GPT2, "transformer.h.0.attn.bias", mask(() => 1)],
    [gpt2, GPT2, "transformer.h.0.attn.masked_bias", number(0)],
  ] as const)("is refused where it does not", async (architecture, config, name, tensor) => {
    const source = model(architecture, config, { [name]: tensor });
    expect(await failure(grow(source, more))).toMatchObject({
      code: "layout/buffer-differs",
      tensor: name,
    });
  });
});

describe("a bare model without pooler", () => {
  const source = model(bert, { ...BERT, add_pooling_layer: false });
  const { config, tensors } = model(bert, BERT);

  it("is read, run, grown and written without one, and nothing is added to its config", async () => {
    const bare = { ...source, config: BERT };
    const inputs = { input_ids: { shape: [1, 3], data: Int32Array.of(1, 2, 3) } };
    const { outputs } = await forward(bare, { inputs, engine, architectures });
    expect([...outputs.keys()]).toEqual(["last_hidden_state"]);
    const grown = await grow(bare, more);
    expect([...grown.tensors.keys()].some((name) => name.includes("pooler"))).toBe(false);
    expect(grown.config).not.toHaveProperty("add_pooling_layer");
    expect(
      (await grow(grown, { ...more, to: { hidden_size: 16, num_attention_heads: 4 } })).plan,
    ).toBeDefined();
  });

  it("is not one that lacks half of it", async () => {
    const broken = new Map([...tensors].filter(([name]) => name !== "pooler.dense.bias"));
    expect((await failure(grow({ config, tensors: broken }, more))).code).toBe(
      "layout/missing-tensor",
    );
  });
});

it("refuses weights that are no floats", async () => {
  const { config, tensors } = model(bert, BERT);
  const shape = [8];
  const bytes = { dtype: "U8", shape, data: new Uint8Array(8) } as const;
  const source = { config, tensors: new Map([...tensors, ["pooler.dense.bias", bytes] as const]) };
  expect(await failure(grow(source, more))).toMatchObject({
    code: "checkpoint/not-float",
    tensor: "pooler.dense.bias",
    actual: "U8",
  });
});

it("tells stored tensors that the class has no place for", async () => {
  const events: LigoEvent[] = [];
  const source = model(
    bert,
    { ...BERT, architectures: ["BertForMaskedLM"] },
    { "bert.pooler.dense.bias": tensorOf([8], new Float32Array(8)) },
  );
  await grow(source, { ...more, onEvent: (event) => events.push(event) });
  expect(events).toContainEqual({
    type: "warning",
    code: "tensors-left-out",
    className: "BertForMaskedLM",
    names: ["bert.pooler.dense.bias"],
  });
});

it("tells files of a folder that are not carried over, and carries modules of sentence-transformers", async () => {
  const folder = temporaryFolder();
  const { checkpoint } = await tinyModel(join(folder, "small"));
  const put = (name: string, value: unknown): void =>
    writeFileSync(join(checkpoint, name), JSON.stringify(value));
  mkdirSync(join(checkpoint, "1_Pooling"));
  mkdirSync(join(checkpoint, "2_Dense"));
  mkdirSync(join(checkpoint, "onnx"));
  put("modules.json", []);
  put("1_Pooling/config.json", { word_embedding_dimension: 16, pooling_mode_cls_token: true });
  put("2_Dense/config.json", { in_features: 16, out_features: 4 });
  put("2_Dense/model.safetensors", "weights");
  put("README.md", "");
  put("ligo.json", {});
  put(".hidden", "");
  const events: LigoEvent[] = [];
  const grown = await grow(checkpoint, {
    ...more,
    to: { hidden_size: 32 },
    onEvent: (event) => events.push(event),
  });
  const read = (name: string): unknown =>
    JSON.parse(Buffer.from(grown.companions.get(name) ?? "").toString());
  expect(read("1_Pooling/config.json")).toEqual({
    word_embedding_dimension: 32,
    pooling_mode_cls_token: true,
  });
  expect([...grown.companions.keys()]).toEqual(
    expect.arrayContaining(["modules.json", "2_Dense/config.json", "2_Dense/model.safetensors"]),
  );
  const warnings = events.filter(({ type }) => type === "warning");
  expect(warnings).toEqual([
    { type: "warning", code: "companions-left-out", names: ["README.md", "onnx/"] },
    { type: "warning", code: "module-width", file: "2_Dense/config.json", reads: 16, given: 32 },
  ]);
  const again = await grow(grown, { ...more, out: join(folder, "again") });
  expect(again.files).toContain("2_Dense/model.safetensors");
});
