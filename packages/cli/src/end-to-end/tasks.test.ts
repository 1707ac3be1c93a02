import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cait } from "@ligo/cait";
import { deit } from "@ligo/deit";
import { gpt2 } from "@ligo/gpt2";
import { vit } from "@ligo/vit";
import { describe, expect, it } from "vitest";
import { ligo, ligoJson, namesIn, temporaryFolder, type Ran } from "../__fixtures__/run-ligo.js";
import { TINY_CAIT, TINY_DEIT, TINY_VIT, tinyClasses, tinyImages } from "@ligo/vitest/tiny-images";
import { tinyConfig, TINY_TARGET } from "@ligo/vitest/tiny-model";
import type {
  GrowResult,
  EvaluateResult,
  TrainResult,
  VerifyResult,
} from "../__fixtures__/json-results.js";

const io = { architectures: [deit, gpt2, vit] };
const run = (argv: readonly string[]): Promise<Ran> => ligo(argv, io);
const json = <T>(argv: readonly string[]): Promise<T> => ligoJson<T>(argv, io);

function configIn(folder: string, config: Readonly<Record<string, unknown>>): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "config.json");
  writeFileSync(file, JSON.stringify(config));
  return file;
}

const recordOf = (folder: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, "ligo.json"), "utf8")) as Record<string, unknown>;

describe("causal language modelling", () => {
  it("trains, grows, evaluates and verifies GPT-2", async () => {
    const folder = temporaryFolder();
    const { text } = await tinyConfig(join(folder, "text"));
    const config = configIn(join(folder, "new"), {
      model_type: "gpt2",
      architectures: ["GPT2LMHeadModel"],
      vocab_size: 100,
      n_positions: 16,
      n_embd: 16,
      n_layer: 1,
      n_head: 2,
    });
    for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
      copyFileSync(join(folder, "text", name), join(folder, "new", name));
    }
    const learn = ["--data", text, "--batch", "4"];
    const [small, grown, wide] = ["small", "grown", "wide"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const options = [...learn, "--steps", "30", "--lr", "3e-3"];
    const trained = await json<TrainResult>(["train", config, "--out", small, ...options]);
    expect(trained).toMatchObject({ objective: "causal-lm", tokens: 30 * 4 * 16 });
    // far below the ln(100) of a guess
    expect(trained.held_out.loss).toBeLessThan(4);
    const to = '{"n_embd":24,"n_layer":2,"n_head":3}';
    const result = await json<GrowResult>(
      ["grow", small, "--to", to, "--out", grown, "--steps", "3"].concat(learn),
    );
    expect(result.objective).toBe("causal-lm");
    const found = await json<EvaluateResult>(["eval", grown, ...learn]);
    expect(found.objective).toBe("causal-lm");
    expect(found.loss).toBeCloseTo(result.losses.grown ?? 0, 5);
    // every token of a block but the last predicts the next
    expect(found.positions).toBe(15 * (found.blocks ?? 0));

    const twice = ["grow", small, "--to", '{"n_embd":32,"n_head":4}', "--method", "stack"];
    await json([...twice, "--out", wide]);
    const kept = await json<VerifyResult>(["verify", small, wide]);
    expect(kept).toMatchObject({ verdict: "kept", losses: { objective: "causal-lm" } });
  });
});

describe("image classification", () => {
  it("trains, grows, evaluates and verifies ViT, and writes its preprocessor", async () => {
    const folder = temporaryFolder();
    const images = tinyImages(join(folder, "images"));
    const config = configIn(join(folder, "new"), TINY_VIT);
    const [small, grown] = [join(folder, "small"), join(folder, "grown")];
    const learn = ["--data", images, "--batch", "8", "--held-out", "10"];
    const options = [...learn, "--steps", "40", "--lr", "3e-3", "--stochastic-depth", "0.1"];
    const trained = await json<TrainResult>(["train", config, "--out", small, ...options]);
    expect(trained).toMatchObject({ objective: "image-classification", images: 320 });
    expect(trained.tokens).toBeUndefined();
    // below the ln(10) of a guess
    expect(trained.held_out.loss).toBeLessThan(2);
    expect(trained.held_out.positions).toBe(10);
    expect(recordOf(small)["settings"]).toMatchObject({ augment: "plain", stochastic_depth: 0.1 });
    expect(namesIn(small)).toEqual([
      "config.json",
      "events.out.tfevents.ligo",
      "ligo.json",
      "metrics.jsonl",
      "model.safetensors",
      "preprocessor_config.json",
      "recipe.json",
    ]);
    const [line = ""] = readFileSync(join(small, "metrics.jsonl"), "utf8").split("\n");
    expect(JSON.parse(line)).toMatchObject({ step: 1, images: 8 });

    const grow = ["grow", small, "--to", TINY_TARGET, "--out", grown, "--steps", "3", ...learn];
    const result = await json<GrowResult>([...grow, "--augment", "none"]);
    expect(result.losses.small).toBeCloseTo(trained.held_out.loss, 5);
    expect(existsSync(join(grown, "preprocessor_config.json"))).toBe(true);
    const { code, stdout } = await run(["eval", grown, ...learn]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^loss +\d\.\d{4} \(image-classification\) of all 10 images$/m);
    expect(stdout).toMatch(/^images +10$/m);
    expect(stdout).not.toContain("perplexity");

    const verified = await json<VerifyResult>(["verify", small, grown, "--data", images]);
    expect(verified).toMatchObject({ verdict: "changed", losses: { of: "data" } });
    expect(verified.drift["encoder"]).toHaveLength(3);
  });

  it("goes on to other classes, by a new head", async () => {
    const folder = temporaryFolder();
    const images = tinyImages(join(folder, "images"));
    const config = configIn(join(folder, "new"), TINY_VIT);
    const [small, out] = [join(folder, "small"), join(folder, "out")];
    const learn = ["--batch", "4", "--steps", "2"];
    await json(["train", config, "--data", images, "--out", small, ...learn]);
    const pets = tinyClasses(join(folder, "pets"), ["dog", "cat", "owl"]);
    const argv = ["train", small, "--data", pets, ...learn, "--out", out];
    const wrong = await run([...argv, "--labels", "2"]);
    expect(wrong.stderr).toContain("2 labels are wanted, but the data have 3");
    expect(existsSync(out)).toBe(false);
    const { code, stderr } = await run([...argv, "--labels", "3"]);
    expect(stderr).toContain("Starts at random, as the checkpoint lacks it: classifier.");
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(join(out, "config.json"), "utf8"))).toMatchObject({
      id2label: { 0: "cat", 1: "dog", 2: "owl" },
      label2id: { cat: 0, dog: 1, owl: 2 },
    });
    const judged = await json<EvaluateResult>(["eval", out, "--data", pets, "--all"]);
    expect(judged.images).toBe(12);
  });

  it("skips patches and layers, but not layers twice", async () => {
    const folder = temporaryFolder();
    const images = tinyImages(join(folder, "images"));
    const config = configIn(join(folder, "new"), { ...TINY_VIT, num_hidden_layers: 3 });
    const argv = ["train", config, "--data", images, "--batch", "8", "--steps", "2"];
    const plain = await json<TrainResult>([...argv, "--out", join(folder, "plain")]);
    const dropping = ["--drop-tokens", "0.4", "--drop-layers", "0.2"];
    const less = await json<TrainResult>([...argv, ...dropping, "--out", join(folder, "less")]);
    expect(less.flops).toBeLessThan(0.95 * plain.flops);
    const more = ["--stochastic-depth", "0.1", "--out", join(folder, "twice")];
    const twice = await run([...argv, ...dropping, ...more]);
    expect(twice.stderr).toContain("error [sdk/dropped-twice]");
  });

  it("refuses to skip where layers cannot: CaiT", async () => {
    const folder = temporaryFolder();
    const images = tinyImages(join(folder, "images"));
    const config = configIn(join(folder, "new"), TINY_CAIT);
    const argv = ["train", config, "--data", images, "--batch", "8", "--steps", "1"];
    for (const dropping of ["--drop-tokens", "--drop-layers"]) {
      const out = join(folder, `out${dropping}`);
      const { code, stderr } = await ligo([...argv, dropping, "0.4", "--out", out], {
        architectures: [cait],
      });
      expect(code).toBe(2);
      expect(stderr).toContain(
        `error [sdk/cannot-skip]: ${config}: the layers of Cait cannot skip`,
      );
      expect(existsSync(out)).toBe(false);
    }
  });

  it("plans an image model by its patches", async () => {
    const folder = temporaryFolder();
    const images = tinyImages(join(folder, "images"));
    const config = configIn(join(folder, "new"), TINY_VIT);
    const small = join(folder, "small");
    const learn = ["--data", images, "--batch", "8", "--steps", "1"];
    await json(["train", config, "--out", small, ...learn]);
    // 2 x 2 patches and the class token
    const plan = ["plan", small, "--to", TINY_TARGET, "--batch", "8"];
    expect(await json(plan)).toMatchObject({
      step: { batch: 8, sequence: 5 },
      methods: {
        with_data: [{ method: "ligo", start: "direct-copy" }, { method: "lossless-fresh" }],
      },
    });
    const { stdout } = await run(plan);
    expect(stdout).toContain("with --data the better of ligo from direct-copy and lossless-fresh");
  });

  it.each([
    [
      "another size",
      { size: { height: 16, width: 16 } },
      ["processor-mismatch", "[3, 8, 8]", "[3, 16, 16]"],
    ],
    ["no size", { do_resize: false }, ["bad-processor"]],
  ])("refuses a preprocessor of %s", async (_what, keys, words) => {
    const folder = temporaryFolder();
    const images = tinyImages(join(folder, "images"));
    const config = configIn(join(folder, "new"), TINY_VIT);
    writeFileSync(
      join(folder, "new", "preprocessor_config.json"),
      JSON.stringify({ image_processor_type: "ViTImageProcessor", ...keys }),
    );
    const out = join(folder, "out");
    const { code, stderr } = await run(["train", config, "--data", images, "--out", out]);
    expect(code).toBe(2);
    for (const word of words) expect(stderr).toContain(word);
    expect(existsSync(out)).toBe(false);
  });

  it("refuses a model without classes, and text where images are needed", async () => {
    const folder = temporaryFolder();
    const config = configIn(join(folder, "new"), { ...TINY_VIT, architectures: ["ViTModel"] });
    const images = tinyImages(join(folder, "images"));
    const out = join(folder, "out");
    const bare = await run(["train", config, "--data", images, "--out", out]);
    expect(bare.code).toBe(2);
    expect(bare.stderr).toContain("sdk/no-objective");
    const classifier = configIn(join(folder, "new"), TINY_VIT);
    const { text } = await tinyConfig(join(folder, "text"));
    const wrong = await run(["train", classifier, "--data", text, "--out", out]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("images/no-images");
  });
});

describe("distillation", () => {
  async function teacherIn(
    folder: string,
    images: string,
    keys: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const config = configIn(join(folder, "teacher-config"), { ...TINY_VIT, ...keys });
    const out = join(folder, "teacher");
    const learn = ["--data", images, "--batch", "8", "--steps", "5"];
    await json(["train", config, "--out", out, ...learn]);
    return out;
  }

  it.each(["hard-distillation", "soft-distillation"])("trains DeiT by %s", async (objective) => {
    const folder = temporaryFolder();
    const images = tinyImages(join(folder, "images"));
    const teacher = await teacherIn(folder, images);
    const config = configIn(join(folder, "new"), TINY_DEIT);
    const out = join(folder, "out");
    const learn = ["--data", images, "--batch", "8", "--steps", "3", "--teacher", teacher];
    const hard = objective === "hard-distillation";
    const chosen = hard ? [] : ["--objective", objective];
    const trained = await json<TrainResult>(["train", config, "--out", out, ...learn, ...chosen]);
    expect(trained).toMatchObject({ objective, judged_by: "image-classification" });
    expect(recordOf(out)).toMatchObject({ objective, settings: { teacher } });
    const grown = join(folder, "grown");
    const grow = ["grow", out, "--to", TINY_TARGET, "--out", grown, ...learn, ...chosen];
    expect((await json<GrowResult>(grow)).objective).toBe(objective);
  });

  it("needs a teacher that sees the same images and names the same classes", async () => {
    const folder = temporaryFolder();
    const images = tinyImages(join(folder, "images"));
    const config = configIn(join(folder, "new"), TINY_DEIT);
    const out = join(folder, "out");
    const argv = ["train", config, "--data", images, "--batch", "8", "--out", out];
    const none = await run([...argv, "--objective", "hard-distillation"]);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("--teacher");
    const teacher = await teacherIn(folder, images, { image_size: 16 });
    const other = await run([...argv, "--teacher", teacher]);
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/sdk\/teacher-mismatch.*\[3, 16, 16\].*\[3, 8, 8\]/);
    expect(existsSync(out)).toBe(false);
  });
});
