import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixture, ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import type { GrowResult, VerifyResult } from "../__fixtures__/json-results.js";

const small = fixture("bert-tiny");

/** A recorded BERT classifier without its head. */
async function bareModel(): Promise<string> {
  const whole = fixture("BertForSequenceClassification");
  const out = join(temporaryFolder(), "bare");
  const config = JSON.parse(readFileSync(join(whole, "config.json"), "utf8")) as object;
  const to = JSON.stringify({ ...config, architectures: ["BertModel"] });
  await ligoJson(["grow", whole, "--to", to, "--method", "stack", "--out", out]);
  return out;
}

async function stacked(to: object): Promise<string> {
  const out = join(temporaryFolder(), "grown");
  const argv = ["grow", small, "--to", JSON.stringify(to), "--method", "stack", "--out", out];
  await ligoJson(argv);
  return out;
}

/** What stands on stderr beside the steps, each of which is a line in tests. */
const withoutSteps = (stderr: string): string => stderr.replaceAll(/^forward \d\/2, .*\n/gmu, "");

describe("ligo verify", () => {
  it("finds a model equal to itself", async () => {
    const result = await ligoJson<VerifyResult>(["verify", small, small]);
    const same = { drift: 0, scale: 1, alignment: expect.closeTo(1, 6) as number };
    const loss = result.losses?.small;
    expect(result).toEqual({
      verdict: "kept",
      max_difference: 0,
      tolerance: 1e-5,
      inputs: "random",
      outputs: { logits: { max: 0, mean: 0, kl: 0 } },
      losses: { of: "random inputs", objective: "masked-lm", small: loss, grown: loss },
      drift: { encoder: [0, 1, 2].map((layer) => ({ layer, of: layer, ...same })) },
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
      expect(result.losses?.of).toBe(more[0] === "--inputs" ? "inputs" : "random inputs");
      expect(result.losses?.grown).toBeCloseTo(result.losses?.small ?? 0, 5);
      for (const { layer, of, drift } of result.drift["encoder"] ?? []) {
        expect(of).toBe(layer);
        // the states are those of the small model, unit by unit; float32 sums over twice as many units
        expect(drift).toBeLessThan(1e-6);
      }
    }
  });

  it("finds an MLP of unequal copies kept: what reads it weighs them", async () => {
    const grown = await stacked({ intermediate_size: 104 });
    const result = await ligoJson<VerifyResult>(["verify", small, grown]);
    expect(result).toMatchObject({ verdict: "kept", reasons: [] });
  });

  it("measures both losses on held-out data", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "wide");
    const to = '{"hidden_size":32,"num_attention_heads":4,"intermediate_size":64}';
    const grow = [
      "grow",
      checkpoint,
      "--to",
      to,
      "--method",
      "stack",
      "--data",
      text,
      "--out",
      out,
    ];
    const grown = await ligoJson<GrowResult>(grow);
    const argv = ["verify", checkpoint, out, "--data", text];
    const { losses } = await ligoJson<VerifyResult>(argv);
    expect(losses).toMatchObject({ of: "data", objective: "masked-lm" });
    expect(losses?.small).toBeCloseTo(grown.losses.small ?? 0, 6);
    expect(losses?.grown).toBeCloseTo(grown.losses.grown ?? 0, 6);
    const { stdout, stderr } = await ligo(argv, { interactive: true });
    // one line, drawn over itself: both models, then the batches of each
    const drawn = stderr.split("\r\u001B[K");
    const shown = ["running both models ...", "forward 2/2", "judging on held-out data ..."];
    const places = [...shown, /evaluate (\d+)\/\1, \d+ tokens\/s/u].map((words) =>
      drawn.findIndex((line) =>
        typeof words === "string" ? line.includes(words) : words.test(line),
      ),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(stdout).toMatch(
      /^masked-lm loss on data: \d\.\d{4} small, \d\.\d{4} grown, (?:no difference|\S+ (?:high|low)er), of all \d+ blocks$/m,
    );
  });

  it("finds post-norm depth growth changed, and says why", async () => {
    const grown = await stacked({ num_hidden_layers: 4 });
    const { code, stdout, stderr } = await ligo(["verify", small, grown]);
    expect([code, withoutSteps(stderr)]).toEqual([0, ""]);
    expect(stdout).toMatch(/^The function is changed\.$/m);
    expect(stdout).toMatch(/^- encoder: 2 layers become 4, .*norms/m);
    expect(stdout).toMatch(/^after layers of encoder +as small after +drift/m);
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
    expect(result.expected_from).toBe("learning");
    const { stdout } = await ligo(["verify", checkpoint, out]);
    expect(stdout).toMatch(/^The function is changed, as expected: its growth was learned\.$/m);
    expect(stdout).toContain("--data <files> measures it");
    expect(stdout).toMatch(/^drift: /m);
    expect(result.reasons.join("\n")).toMatch(/embed: its width map mixes units.*LayerNorm/);
    const { encoder = [] } = result.drift;
    expect(encoder.map(({ layer }) => layer)).toEqual([0, 1, 2]);
    // inserted rows of the operator are learned, so even the embeddings are normalised otherwise
    expect(encoder[0]?.drift).toBeGreaterThan(1e-3);
    expect(result.reasons.join("\n")).toContain("embed: 16 becomes 24, no multiple");
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ["another epsilon of the norms", { layer_norm_eps: 1e-2 }, /layer_norm_eps changes from/],
    ["another activation", { hidden_act: "gelu_new" }, /hidden_act changes from "gelu"/],
    [
      "an unequal number of copies",
      { hidden_size: 72, num_attention_heads: 9 },
      /embed: 32 becomes 72, no multiple/,
    ],
  ])("names %s", async (_what, keys, reason) => {
    const wide = { hidden_size: 64, num_attention_heads: 8, intermediate_size: 128 };
    const grown = await stacked({ ...wide, ...keys });
    const result = await ligoJson<VerifyResult>(["verify", small, grown]);
    expect(result.verdict).toBe("changed");
    expect(result.reasons.join("\n")).toMatch(reason);
  });

  it("names larger heads, and a tied head that reads what it writes", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    const to = '{"hidden_size":32,"num_attention_heads":2,"intermediate_size":64}';
    const argv = ["grow", checkpoint, "--to", to, "--data", text, "--steps", "1", "--batch", "2"];
    await ligoJson([...argv, "--init-width", "sel", "--no-eval", "--out", out]);
    const { reasons } = await ligoJson<VerifyResult>(["verify", checkpoint, out]);
    expect(reasons.join("\n")).toMatch(/query: heads grow from 8 to 16/);
    expect(reasons.join("\n")).toMatch(/decoder.weight is tied to .*word_embeddings/);
  });

  it("names training after growth", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "trained");
    const argv = ["train", checkpoint, "--data", text, "--steps", "2", "--batch", "2"];
    await ligoJson([...argv, "--out", out]);
    const result = await ligoJson<VerifyResult>(["verify", checkpoint, out]);
    expect(result).toMatchObject({
      verdict: "changed",
      expected_from: "training",
      reasons: ["it was trained after it was grown"],
    });
    // the width is the same, so the states compare unit by unit
    expect(result.drift["encoder"]?.[1]?.drift).toBeGreaterThan(0);
  });

  it("compares the states of models without a head, through the operator's map", async () => {
    const bare = await bareModel();
    const wide = join(temporaryFolder(), "wide");
    const to = '{"hidden_size":64,"num_attention_heads":8,"intermediate_size":128}';
    await ligoJson(["grow", bare, "--to", to, "--method", "lemon", "--out", wide]);
    const kept = await ligo(["verify", bare, wide, "--strict"]);
    expect([kept.code, withoutSteps(kept.stderr)]).toEqual([0, ""]);
    expect(kept.stdout).toMatch(
      /^states +max difference +mean difference +drift +alignment +compared by$/m,
    );
    expect(kept.stdout).toMatch(
      /^last_hidden_state +\S+e-\d +\S+e-\d +\S+e-\d +1\.0000 +the operator's map of embed$/m,
    );
    expect(kept.stdout).toMatch(/^pooler_output .* the operator's map of pooler$/m);
    expect(kept.stdout).toMatch(/^The function is kept\.$/m);

    rmSync(join(wide, "operator.safetensors"));
    const lost = await ligo(["verify", bare, wide, "--strict"]);
    expect(lost.code).toBe(2);
    expect(lost.stdout).toMatch(
      /^last_hidden_state +- +- +- +1\.0000 +alignment: no map of embed is known$/m,
    );
    expect(lost.stdout).toMatch(/^Whether the function is kept is unknown\.$/m);
    expect(lost.stderr).toMatch(/cli\/function-unknown/);
  });

  it("says that layers added to a model without a head move its states", async () => {
    const bare = await bareModel();
    const deep = join(temporaryFolder(), "deep");
    const argv = ["grow", bare, "--to", '{"num_hidden_layers":4}', "--method", "lemon"];
    const { stdout } = await ligo([...argv, "--out", deep]);
    expect(stdout).toMatch(/^function +not kept: encoder: 2 layers become 4, and its norms stand/m);
    const result = await ligoJson<VerifyResult>(["verify", bare, deep]);
    expect(result.verdict).toBe("changed");
    expect(result.outputs["last_hidden_state"]?.max).toBeGreaterThan(0.1);
    expect(result.reasons).toEqual([expect.stringContaining("its norms stand after the sums")]);
  });

  it("refuses models that do not take the same inputs", async () => {
    const { code, stderr } = await ligo(["verify", small, fixture("ligo-reference/small")]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/120 entries in "vocab".* 90/);
  });
});
