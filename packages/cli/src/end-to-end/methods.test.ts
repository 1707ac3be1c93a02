import { readFileSync } from "node:fs";
import { join } from "node:path";
import { methods, type Method } from "@ligo/core";
import { describe, expect, it } from "vitest";
import { fixture, ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import type { GrowResult, PlanReport, VerifyResult } from "../__fixtures__/json-results.js";

const named = ({ name }: Method): string => name;
const unlearned = methods.filter(({ learns }) => learns === false);
const copying = unlearned.filter(({ asksData }) => asksData !== true).map(named);
const asking = unlearned.filter(({ asksData }) => asksData === true).map(named);
const learned = methods.filter(({ learns }) => learns !== false).map(named);

const json = (folder: string, file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<string, unknown>;
const weightsOf = (folder: string): Buffer => readFileSync(join(folder, "model.safetensors"));

/** Four heads of eight, three layers. */
const GPT2 = fixture("../../../gpt2/src/__fixtures__/gpt2-tiny");
const WIDER = '{"n_embd":48,"n_head":6,"n_layer":4}';

describe.each(copying)("ligo grow --method %s", (method) => {
  it("writes an operator that gives the same checkpoint again", async () => {
    const folder = temporaryFolder();
    const [one, two] = [join(folder, "one"), join(folder, "two")];
    const argv = ["grow", GPT2, "--to", WIDER, "--method", method, "--seed", "4"];
    const result = await ligoJson<GrowResult>([...argv, "--out", one]);
    expect(result).toMatchObject({ method, losses: {}, flops: null });
    const operator = join(one, "operator.safetensors");
    await ligoJson(["grow", GPT2, "--to", WIDER, "--operator", operator, "--out", two]);
    expect(weightsOf(two).equals(weightsOf(one))).toBe(true);
    expect(json(two, "config.json")).toEqual(json(one, "config.json"));
  });
});

describe.each(asking)("ligo grow --method %s", (method) => {
  it("needs data, and writes an operator that gives the same checkpoint again", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const [one, two] = [join(folder, "one"), join(folder, "two")];
    const argv = ["grow", checkpoint, "--to", TINY_TARGET];
    const asked = [...argv, "--method", method, "--out", one];
    expect((await ligo(asked)).stderr).toContain(`The method ${method} takes gradients`);
    const { flops } = await ligoJson<GrowResult>([...asked, "--data", text, "--batch", "4"]);
    expect(flops).toBeGreaterThan(0);
    const operator = join(one, "operator.safetensors");
    await ligoJson([...argv, "--operator", operator, "--out", two]);
    expect(weightsOf(two).equals(weightsOf(one))).toBe(true);
  });
});

describe("ligo grow --method lemon", () => {
  it("sets the epsilon of norms, and verify finds the function kept", async () => {
    const out = join(temporaryFolder(), "out");
    const grown = ["grow", GPT2, "--to", WIDER, "--method", "lemon", "--out", out];
    const { stderr } = await ligo(grown);
    const before = json(GPT2, "config.json")["layer_norm_epsilon"] as number;
    const after = json(out, "config.json")["layer_norm_epsilon"];
    expect(after).toBe(before * (2 / 3));
    expect(stderr).toMatch(/layer_norm_epsilon is set to 0\.0*\d{1,6}, /u);
    const told = Number(/layer_norm_epsilon is set to ([\d.]+),/u.exec(stderr)?.[1]);
    expect(told).toBeCloseTo(Number(after), 10);
    expect(json(out, "ligo.json")["operator"]).toMatchObject({ norm_epsilon_scale: 2 / 3 });
    expect(json(out, "ligo.json")).toMatchObject({ keeps_function: true, reasons: [] });
    const { verdict } = await ligoJson<VerifyResult>(["verify", GPT2, out]);
    expect(verdict).toBe("kept");
  });

  it("keeps a Llama's function with more of everything", async () => {
    const small = fixture("../../../llama/src/__fixtures__/LlamaForCausalLM");
    const out = join(temporaryFolder(), "out");
    const to = JSON.stringify({
      hidden_size: 36,
      num_attention_heads: 12,
      num_key_value_heads: 4,
      head_dim: 4,
      intermediate_size: 23,
      num_hidden_layers: 5,
    });
    await ligo(["grow", small, "--to", to, "--method", "lemon", "--out", out]);
    expect(json(out, "ligo.json")).toMatchObject({ keeps_function: true, reasons: [] });
    expect(json(out, "config.json")).toMatchObject({ head_dim: 4, num_key_value_heads: 4 });
    const { verdict } = await ligoJson<VerifyResult>(["verify", small, out]);
    expect(verdict).toBe("kept");
  });

  it("leaves it where norms see copies alone", async () => {
    const out = join(temporaryFolder(), "out");
    const to = '{"n_embd":64,"n_head":8}';
    await ligoJson(["grow", GPT2, "--to", to, "--method", "lemon", "--out", out]);
    const key = "layer_norm_epsilon";
    expect(json(out, "config.json")[key]).toBe(json(GPT2, "config.json")[key]);
  });

  it("says so where an architecture has no such key", async () => {
    const small = fixture("../../../cait/src/__fixtures__/cait-tiny");
    const out = join(temporaryFolder(), "out");
    const { num_heads: heads = 0, embed_dim: size = 0 } = json(small, "config.json") as {
      num_heads?: number;
      embed_dim?: number;
    };
    const to = JSON.stringify({ num_heads: heads + 1, embed_dim: (size / heads) * (heads + 1) });
    const argv = ["grow", small, "--to", to, "--method", "lemon", "--out", out];
    expect((await ligo(argv)).stderr).toContain("have no epsilon in config.json");
  });
});

describe("ligo grow --method lossless-fresh", () => {
  it("loses nothing at an odd size, and says what noise costs", async () => {
    const small = fixture("../../../llama/src/__fixtures__/LlamaForCausalLM");
    const folder = temporaryFolder();
    const to = JSON.stringify({
      hidden_size: 27,
      num_attention_heads: 9,
      num_key_value_heads: 3,
      head_dim: 4,
      intermediate_size: 23,
      num_hidden_layers: 5,
    });
    const argv = ["grow", small, "--to", to, "--method", "lossless-fresh"];
    const out = join(folder, "out");
    await ligo([...argv, "--out", out]);
    expect(json(out, "ligo.json")).toMatchObject({
      keeps_function: true,
      reasons: [],
      operator: {
        fresh: {
          deviation: 1,
          relative: true,
          rule: "lossless",
          layers: { decoder: [0, 0, 0, 1, 1] },
        },
      },
    });
    const { verdict } = await ligoJson<VerifyResult>(["verify", small, out]);
    expect(verdict).toBe("kept");

    const noisy = join(folder, "noisy");
    const result = await ligoJson<GrowResult>([...argv, "--noise", "0.05", "--out", noisy]);
    expect(result).toMatchObject({
      keeps_function: false,
      reasons: expect.arrayContaining([
        expect.stringContaining("noise of 0.05 of each tensor's own deviation"),
      ]) as string[],
    });
    const found = await ligoJson<VerifyResult>(["verify", small, noisy]);
    expect(found.verdict).toBe("changed");
    expect(found.reasons).toContain(
      "numbers were added to what new units hold (the operator's perturbation)",
    );
  });
});

describe("ligo grow --start", () => {
  it.each([
    ["lossless-fresh", ["--inner-steps", "2", "--training-rate", "0.01"]],
    ["direct-copy", ["--own-deviation", "--read-power", "0.5", "--start-decay", "0.1"]],
  ])("learns from %s, and its operator gives the same checkpoint again", async (start, more) => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const [out, again] = [join(folder, "out"), join(folder, "again")];
    const to = ["--to", TINY_TARGET];
    const learn = ["--data", text, "--steps", "2", "--batch", "4", "--lr", "0.01"];
    const argv = ["grow", checkpoint, ...to, "--start", start, ...more, ...learn];
    const { losses } = await ligoJson<GrowResult>([...argv, "--out", out]);
    expect(losses.grown).not.toBe(losses.start);
    expect(json(out, "ligo.json")["settings"]).toMatchObject({ method: "ligo", start });
    const operator = join(out, "operator.safetensors");
    await ligoJson(["grow", checkpoint, ...to, "--operator", operator, "--out", again]);
    expect(weightsOf(again).equals(weightsOf(out))).toBe(true);
  });

  it("takes memory for what starts afresh, as ligo plan says", async () => {
    const { checkpoint } = await tinyModel(join(temporaryFolder(), "small"));
    const plan = ["plan", checkpoint, "--to", TINY_TARGET];
    const plain = await ligoJson<PlanReport>(plan);
    const fresh = await ligoJson<PlanReport>([...plan, "--start", "lossless-fresh"]);
    expect(fresh.memory.learn).toBeGreaterThan(plain.memory.learn);
    expect(fresh.memory.train).toBe(plain.memory.train);
  });
});

describe("what starts from scratch", () => {
  it("has the target's initializer_range, is recorded, and is why the function changed", async () => {
    const out = join(temporaryFolder(), "out");
    const to = '{"n_layer":4,"initializer_range":0.5}';
    await ligoJson(["grow", GPT2, "--to", to, "--method", "direct-copy", "--out", out]);
    expect(json(out, "ligo.json")["operator"]).toMatchObject({ fresh: { deviation: 0.5 } });
    const { verdict, reasons } = await ligoJson<VerifyResult>(["verify", GPT2, out]);
    expect(verdict).toBe("changed");
    expect(reasons).toContain(
      "what its operator does not reach starts from scratch (ligo.json says so)",
    );
  });

  it("changes with the seed", async () => {
    const folder = temporaryFolder();
    const grown = async (seed: string): Promise<Buffer> => {
      const out = join(folder, seed);
      const argv = ["grow", GPT2, "--to", WIDER, "--method", "random", "--seed", seed];
      await ligoJson([...argv, "--out", out]);
      return weightsOf(out);
    };
    expect((await grown("1")).equals(await grown("2"))).toBe(false);
  });
});

it("verify says that an operator of several terms takes units from several layers", async () => {
  const out = join(temporaryFolder(), "out");
  await ligoJson(["grow", GPT2, "--to", WIDER, "--method", "aki", "--out", out]);
  const { reasons } = await ligoJson<VerifyResult>(["verify", GPT2, out]);
  expect(reasons).toContain(
    "its weights are sums over several terms, which take units from different layers",
  );
});

describe.each(learned.filter((name) => name !== "ligo"))("ligo grow --method %s", (method) => {
  it("needs data, and learns what it says", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const [out, again] = [join(folder, "out"), join(folder, "again")];
    const rank = method === "mango" ? ["--rank", "2"] : [];
    const argv = ["grow", checkpoint, "--to", TINY_TARGET, "--method", method, ...rank];
    expect((await ligo([...argv, "--out", out])).stderr).toContain(`The method ${method} learns`);
    const learn = ["--data", text, "--steps", "2", "--batch", "4"];
    const { losses } = await ligoJson<GrowResult>([...argv, ...learn, "--out", out]);
    expect(losses.grown).not.toBe(losses.start);
    const operator = join(out, "operator.safetensors");
    await ligoJson([
      "grow",
      checkpoint,
      "--to",
      TINY_TARGET,
      "--operator",
      operator,
      "--out",
      again,
    ]);
    expect(weightsOf(again).equals(weightsOf(out))).toBe(true);
  });
});
