import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { parseJson } from "@ligo/checkpoint";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { describe, expect, it } from "vitest";
import type { LigoEvent } from "../events.js";
import { grow } from "../grow.js";
import { plan } from "../plan.js";
import { verify } from "../verify.js";
import type { ModelTensor } from "../models/model-source.js";
import type { GrowSettings } from "../settings/types.generated.js";

const architectures = [bert];
const engine = "reference";
const to = { hidden_size: 32, num_attention_heads: 4, num_hidden_layers: 2, intermediate_size: 64 };
const WORD = "bert.embeddings.word_embeddings.weight";
const BIAS = "cls.predictions.bias";

interface TokenizerJson {
  added_tokens: { id: number; content: string }[];
  model: { vocab: Record<string, number> };
}
const jsonOf = (file: string): unknown => parseJson(readFileSync(file));

/** Writes the tokenizer of a model with other ids: `rename` gives the tokens in their new order. */
function writeTokens(
  small: string,
  folder: string,
  order: (tokens: readonly string[]) => readonly string[],
): void {
  const tokenizer = jsonOf(join(small, "tokenizer.json")) as TokenizerJson;
  const old = Object.entries(tokenizer.model.vocab).toSorted(([, a], [, b]) => a - b);
  const vocab = Object.fromEntries(
    order(old.map(([token]) => token)).map((token, id) => [token, id]),
  );
  const added = tokenizer.added_tokens.filter(({ content }) => content in vocab);
  const json = {
    ...tokenizer,
    added_tokens: added.map((one) => ({ ...one, id: vocab[one.content] })),
    model: { ...tokenizer.model, vocab },
    post_processor: null,
  };
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(json));
}

const NEW = ["catfish", "doghorse", "##zz", "§"];

async function source(): Promise<{ small: string; text: string; tokens: readonly string[] }> {
  const folder = temporaryFolder();
  const { checkpoint } = await tinyModel(join(folder, "small"));
  const { model } = jsonOf(join(checkpoint, "tokenizer.json")) as TokenizerJson;
  const old = Object.entries(model.vocab).toSorted(([, a], [, b]) => a - b);
  const tokens = old.map(([token]) => token);
  const keys = { vocab_size: tokens.length, pad_token_id: 0, sep_token_id: 3 };
  const { checkpoint: small, text } = await tinyModel(join(folder, "exact"), keys);
  return { small, text, tokens };
}

type Numbers = ModelTensor["data"] | readonly number[];
const rowOf = (data: Numbers, row: number, width: number): number[] =>
  Array.from({ length: width }, (_, index) => Number(data[row * width + index]));

async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  return promise.then(
    () => {
      throw new Error("nothing was thrown");
    },
    (error: unknown) => error as { code: string; message: string },
  );
}

describe("a larger vocabulary", () => {
  it("by size alone keeps old rows by their ids, whatever the method", async () => {
    const { small, tokens } = await source();
    const { length: from } = tokens;
    const settings = { method: "lemon", engine, architectures } as const;
    const grown = await grow(small, { ...settings, to: { ...to, vocab_size: 150 } });
    expect(grown.config["vocab_size"]).toBe(150);
    expect(grown.rows).toEqual([
      { space: "vocab", of: "tokens", from, to: 150, start: "moments", added: 150 - from },
    ]);
    const plain = await grow(small, { ...settings, to });
    const [table, before] = [grown, plain].map(({ tensors }) => tensors.get(WORD));
    expect(table?.shape).toEqual([150, 32]);
    expect(table?.data.slice(0, from * 32)).toEqual(before?.data);
    const bias = grown.tensors.get(BIAS);
    expect(bias?.shape).toEqual([150]);
    expect(bias?.data.slice(0, from)).toEqual(plain.tensors.get(BIAS)?.data);
  });

  it("by a tokenizer follows tokens by what they are called, and so do special ids", async () => {
    const { small, tokens } = await source();
    const folder = temporaryFolder();
    writeTokens(small, folder, (old) => [...NEW, ...old.toReversed()]);
    const out = join(temporaryFolder(), "grown");
    const settings: GrowSettings = {
      growVocabulary: folder,
      padVocabulary: 16,
      engine,
      method: "lemon",
      to,
      out,
    };
    const grown = await grow(small, { ...settings, architectures });
    const size = 16 * Math.ceil((tokens.length + NEW.length) / 16);
    expect(grown.config).toMatchObject({
      vocab_size: size,
      pad_token_id: NEW.length + tokens.length - 1,
      sep_token_id: NEW.length + tokens.length - 4,
    });
    expect(jsonOf(join(out, "tokenizer.json"))).toEqual(jsonOf(join(folder, "tokenizer.json")));
    const plain = await grow(small, { engine, method: "lemon", to, architectures });
    const [table, before] = [grown, plain].map(({ tensors }) => tensors.get(WORD)?.data ?? []);
    for (let id = 0; id < tokens.length; id++) {
      const now = NEW.length + tokens.length - 1 - id;
      expect(rowOf(table ?? [], now, 32)).toEqual(rowOf(before ?? [], id, 32));
    }
    const verified = await verify(small, out, { engine, architectures });
    expect(verified).toMatchObject({ losses: null, inputs: "random" });
    // depth of a post-norm model is not kept; width and tokens alone are
    expect(Object.keys(verified.outputs)).toEqual(["logits"]);
  });

  it("keeps the function on old tokens, by what verify measures", async () => {
    const { small } = await source();
    const folder = temporaryFolder();
    writeTokens(small, folder, (old) => [...NEW, ...old.toReversed()]);
    const wide = { hidden_size: 32, num_attention_heads: 4, intermediate_size: 64 };
    const out = join(temporaryFolder(), "grown");
    const settings = { growVocabulary: folder, engine, method: "lemon", to: wide, out } as const;
    const grown = await grow(small, { ...settings, architectures });
    expect(grown.keepsFunction).toBe(true);
    const verified = await verify(small, out, { engine, architectures });
    expect(verified.verdict).toBe("kept");
    expect(verified.reasons).toEqual([]);
    // a row that is moved by one shows
    writeTokens(small, folder, (old) => [...NEW, ...old]);
    const other = join(temporaryFolder(), "other");
    await grow(small, { ...settings, architectures, out: other });
    writeFileSync(
      join(other, "operator.safetensors"),
      readFileSync(join(out, "operator.safetensors")),
    );
    expect((await verify(small, other, { engine, architectures })).verdict).toBe("changed");
    expect(
      await failure(verify(small, out, { engine, architectures, data: "x.txt" })),
    ).toMatchObject({ code: "sdk/other-tokens" });
  });

  it("starts new rows as the mean of their pieces", async () => {
    const { small, tokens } = await source();
    const folder = temporaryFolder();
    writeTokens(small, folder, (old) => [...old, "catdog", "§"]);
    const grown = await grow(small, {
      growVocabulary: folder,
      newRows: "pieces",
      engine,
      method: "stack",
      architectures,
    });
    const table = grown.tensors.get(WORD)?.data ?? [];
    const parts = ["cat", "##d", "##o", "##g"].map((token) => tokens.indexOf(token));
    const known = parts.every((id) => id >= 0);
    const row = rowOf(table, tokens.length, 16);
    if (known) {
      for (const [column, value] of row.entries()) {
        const mean = parts.reduce((sum, id) => sum + (rowOf(table, id, 16)[column] ?? 0) / 4, 0);
        expect(value).toBeCloseTo(mean, 6);
      }
    }
    expect(known).toBe(true);
  });

  it("is the same by the operator that it wrote, and refused where that grows other rows", async () => {
    const { small } = await source();
    const folder = temporaryFolder();
    writeTokens(small, folder, (old) => [...NEW, ...old.toReversed()]);
    const out = join(temporaryFolder(), "grown");
    const asked = { to, growVocabulary: folder, engine, architectures } as const;
    const grown = await grow(small, {
      ...asked,
      method: "random",
      newRows: "pieces",
      seed: 9,
      out,
    });
    const operator = join(out, "operator.safetensors");
    const again = await grow(small, { ...asked, operator });
    for (const [name, { data }] of again.tensors)
      expect(data, name).toEqual(grown.tensors.get(name)?.data);
    expect(await failure(grow(small, { to, operator, engine, architectures }))).toMatchObject({
      code: "operator/rows",
    });
    const plain = join(temporaryFolder(), "plain");
    await grow(small, { to, method: "stack", engine, architectures, out: plain });
    const file = join(plain, "operator.safetensors");
    expect(await failure(grow(small, { ...asked, operator: file }))).toMatchObject({
      code: "operator/rows",
      message: expect.stringContaining("none") as string,
    });
  });

  it("learns on data read by the new tokenizer, the source judged with the same rows", async () => {
    const { small, text, tokens } = await source();
    const folder = temporaryFolder();
    writeTokens(small, folder, (old) => [...NEW, ...old]);
    const grown = await grow(small, {
      to,
      growVocabulary: folder,
      data: text,
      steps: 2,
      batch: 2,
      sequence: 12,
      cache: false,
      engine,
      architectures,
    });
    expect(grown.losses.small).toBeGreaterThan(0);
    expect(grown.losses.grown).toBeGreaterThan(0);
    expect(grown.tensors.get(WORD)?.shape[0]).toBe(tokens.length + NEW.length);
  });

  it("refuses what would be lost, and says what has no effect", async () => {
    const { small, tokens } = await source();
    const folder = temporaryFolder();
    const told: LigoEvent[] = [];
    const settings = { growVocabulary: folder, engine, architectures, method: "stack" } as const;
    writeTokens(small, folder, (old) => [...old.filter((token) => token !== "cat"), ...NEW]);
    expect(await failure(grow(small, settings))).toMatchObject({
      code: "sdk/tokens-lost",
      message: expect.stringContaining('"cat"') as string,
    });
    const lossy = await grow(small, {
      ...settings,
      loseTokens: true,
      onEvent: (event) => told.push(event),
    });
    expect(lossy.rows[0]).toMatchObject({ added: NEW.length });
    expect(told).toContainEqual(expect.objectContaining({ code: "tokens-lost", names: ["cat"] }));
    writeTokens(small, folder, (old) => [...old.filter((token) => token !== "[PAD]"), ...NEW]);
    const padless = { ...settings, loseTokens: true } as const;
    expect(await failure(grow(small, padless))).toMatchObject({
      code: "sdk/special-token-lost",
      message: expect.stringContaining("pad_token_id") as string,
    });
    const set = await grow(small, { ...padless, to: { pad_token_id: 1 } });
    expect(set.config["pad_token_id"]).toBe(1);
    writeTokens(small, folder, (old) => [...old, ...NEW]);
    const tooFew = { ...settings, to: { vocab_size: tokens.length + 1 } };
    expect(await failure(grow(small, tooFew))).toMatchObject({ code: "sdk/vocabulary-size" });
    const plain = { to, method: "stack", engine, architectures } as const;
    for (const more of [{ newRows: "random" }, { newPositions: "interpolate" }] as const)
      expect(await failure(grow(small, { ...plain, ...more }))).toMatchObject({
        code: "sdk/no-new-rows",
      });
    for (const more of [{ newRows: "pieces" }, { loseTokens: true }] as const)
      expect(await failure(grow(small, { ...plain, ...more }))).toMatchObject({
        code: "settings/invalid",
      });
  });

  it("shows in a plan", async () => {
    const { small, tokens } = await source();
    const { length: from } = tokens;
    const report = await plan(small, { padVocabulary: 128, architectures });
    expect(report.rows).toMatchObject([{ space: "vocab", from, to: 128 }]);
    expect(report.spaces).toContainEqual({ name: "vocab", from, to: 128 });
    expect(report.tensors.find(({ name }) => name === WORD)).toMatchObject({
      shape: [128, 16],
      sourceShape: [from, 16],
      maps: ["rows.vocab", "width.embed"],
    });
  });
});

describe("more learned positions", () => {
  it("are copied behind the old ones, which keeps the function, or interpolated", async () => {
    const { small } = await source();
    const out = join(temporaryFolder(), "grown");
    const settings = { to: { max_position_embeddings: 40 }, engine, architectures } as const;
    const copied = await grow(small, { ...settings, method: "lemon", out });
    expect(copied.keepsFunction).toBe(true);
    const name = "bert.embeddings.position_embeddings.weight";
    const table = copied.tensors.get(name)?.data ?? [];
    for (let row = 16; row < 40; row++)
      expect(rowOf(table, row, 16)).toEqual(rowOf(table, row % 16, 16));
    expect((await verify(small, out, { engine, architectures })).verdict).toBe("kept");
    const stretched = await grow(small, {
      ...settings,
      method: "lemon",
      newPositions: "interpolate",
    });
    expect(stretched.keepsFunction).toBe(false);
    expect(stretched.reasons.join()).toContain("interpolated");
    const fewer = { ...settings, to: { max_position_embeddings: 8 }, method: "lemon" } as const;
    expect(await failure(grow(small, fewer))).toMatchObject({
      code: "plan/smaller-target",
      message: expect.stringContaining("max_position_embeddings") as string,
    });
  });
});
