import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixture, ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel, TINY_TARGET } from "../__fixtures__/tiny-model.js";
import type { VerifyResult } from "./verify-growth.js";

const small = fixture("bert-tiny");

async function stacked(to: object): Promise<string> {
  const out = join(temporaryFolder(), "grown");
  const argv = ["grow", small, "--to", JSON.stringify(to), "--method", "stack", "--out", out];
  await ligoJson(argv);
  return out;
}

describe("ligo verify", () => {
  it("finds a model equal to itself", async () => {
    const result = await ligoJson<VerifyResult>(["verify", small, small]);
    expect(result).toEqual({
      verdict: "kept",
      tolerance: 1e-5,
      outputs: { logits: { max: 0, mean: 0, kl: 0 } },
      reasons: [],
    });
  });

  it("finds width growth by whole copies kept, on given inputs too", async () => {
    const grown = await stacked({
      hidden_size: 64,
      num_attention_heads: 8,
      intermediate_size: 128,
    });
    const inputs = fixture("bert-tiny/inputs.safetensors");
    for (const more of [[], ["--inputs", inputs], ["--strict"]]) {
      const result = await ligoJson<VerifyResult>(["verify", small, grown, ...more]);
      expect(result).toMatchObject({ verdict: "kept", reasons: [] });
    }
  });

  it("finds post-norm depth growth changed, and says why", async () => {
    const grown = await stacked({ num_hidden_layers: 4 });
    const { code, stdout, stderr } = await ligo(["verify", small, grown]);
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/^The function is changed\.$/m);
    expect(stderr).toMatch(/^- encoder: 2 layers become 4, .*norms/m);
    const strict = await ligo(["verify", small, grown, "--strict"]);
    expect(strict.code).toBe(2);
    const patient = ["verify", small, grown, "--tolerance", "1000", "--strict"];
    expect(await ligoJson<VerifyResult>(patient)).toMatchObject({ verdict: "within tolerance" });
  });

  it("names learned maps, heads that grow and sizes that do not divide", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    const argv = ["grow", checkpoint, "--to", TINY_TARGET, "--data", text, "--steps", "1"];
    await ligoJson([...argv, "--batch", "2", "--no-eval", "--out", out]);
    const result = await ligoJson<VerifyResult>(["verify", checkpoint, out]);
    expect(result.verdict).toBe("changed");
    expect(result.outputs["logits"]?.kl).toBeGreaterThan(0);
    expect(result.reasons.join("\n")).toContain("learned");
    expect(result.reasons.join("\n")).toContain("embed: 16 becomes 24, no multiple");
  });

  it("refuses models that do not take the same inputs", async () => {
    const { code, stderr } = await ligo(["verify", small, fixture("ligo-reference/small")]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/120 entries in "vocab".* 90/);
  });
});
