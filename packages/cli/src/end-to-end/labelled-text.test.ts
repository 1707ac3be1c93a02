import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { openCheckpoint } from "@ligo/checkpoint";
import { createRandom } from "@ligo/core";
import type { TensorHeader } from "@ligo/core/layout";
import { gpt2 } from "@ligo/gpt2";
import { describe, expect, it } from "vitest";
import { ligo, ligoJson, temporaryFolder, type Ran } from "../__fixtures__/run-ligo.js";
import { tinyConfig, tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import type { GrowResult, EvaluateResult, TrainResult } from "../__fixtures__/json-results.js";
import { ligoUntil, metricsOf, remainsOf } from "./__fixtures__/tiny-runs.js";

const io = { architectures: [bert, gpt2] };
const run = (argv: readonly string[]): Promise<Ran> => ligo(argv, io);
const json = <T>(argv: readonly string[]): Promise<T> => ligoJson<T>(argv, io);

const configOf = (folder: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as Record<string, unknown>;

async function headersOf(folder: string): Promise<ReadonlyMap<string, TensorHeader>> {
  const { headers, close } = await openCheckpoint(folder);
  await close();
  return headers;
}

const NOUNS = ["cat", "dog", "bird", "fish", "horse"];
const VERBS = ["sees", "chases", "likes", "hears"];

/** Sentences of a toy world, the words of which the tiny tokenizer knows. */
function sentences(count: number, seed: number): readonly { text: string; verb: number }[] {
  const random = createRandom(seed);
  const noun = (): string => NOUNS[random.integer(NOUNS.length)] ?? "";
  return Array.from({ length: count }, () => {
    const verb = random.integer(VERBS.length);
    return { text: `the ${noun()} ${VERBS[verb]} the ${noun()} .`, verb };
  });
}

/** A table of single texts: label 1 where the verb is one of the first two. */
function singles(path: string, count: number, seed: number, names = ["0", "1"]): string {
  const rows = sentences(count, seed).map(
    ({ text, verb }) => `${text}\t${names[Number(verb < 2)]}`,
  );
  writeFileSync(path, `sentence\tlabel\n${rows.join("\n")}\n`);
  return path;
}

/** A table of pairs with the number of verbs between both. */
function pairs(path: string, count: number, seed: number): string {
  const [first, second] = [sentences(count, seed), sentences(count, seed + 1)];
  const rows = first.map(({ text, verb }, row) => {
    const other = second[row] ?? { text: "", verb: 0 };
    return `${row}\t${text}\t${other.text}\t${(Math.abs(verb - other.verb) / 2).toFixed(3)}`;
  });
  writeFileSync(path, `index\tsentence1\tsentence2\tscore\n${rows.join("\n")}\n`);
  return path;
}

const QUICK = ["--batch", "8", "--seq", "16", "--engine", "onnx"];

describe("text classification", () => {
  it("learns labels from a checkpoint of a masked language model, and is judged by all of a file", async () => {
    const folder = temporaryFolder();
    const { checkpoint } = await tinyModel(join(folder, "small"));
    const [train, dev] = [
      singles(join(folder, "train.tsv"), 300, 1, ["no", "yes"]),
      singles(join(folder, "dev.tsv"), 50, 2, ["no", "yes"]),
    ];
    const out = join(folder, "out");
    const argv = ["train", checkpoint, "--class", "BertForSequenceClassification", "--data", train];
    const options = ["--eval-data", dev, "--steps", "150", "--lr", "3e-3", "--dropout", "0"];
    const { code, stderr, stdout } = await run([
      ...argv,
      ...options,
      ...QUICK,
      "--out",
      out,
      "--json",
    ]);
    expect(stderr).toContain("Trains BertForSequenceClassification from a BertForMaskedLM.");
    expect(stderr).toMatch(/Starts at random, .*: bert\.pooler\.dense, classifier\./);
    expect(stderr).toMatch(
      /Left out, as it has no use: cls\.predictions, cls\.predictions\.transform\./,
    );
    expect(stderr).toContain(
      "300 texts to train on by text-classification, 50 texts held out to judge by.",
    );
    expect(code).toBe(0);
    const trained = JSON.parse(stdout) as TrainResult;
    expect(trained).toMatchObject({ objective: "text-classification", tokens: 150 * 8 * 16 });
    // far above the half that a guess gets right
    expect(trained.held_out.accuracy).toBeGreaterThan(0.9);
    expect(trained.held_out.positions).toBe(50);
    expect(trained.held_out.scores?.["f1"]).toBeGreaterThan(0.9);
    const config = configOf(out);
    expect(config).toMatchObject({
      architectures: ["BertForSequenceClassification"],
      id2label: { 0: "no", 1: "yes" },
      label2id: { no: 0, yes: 1 },
      problem_type: "single_label_classification",
    });
    const headers = await headersOf(out);
    expect([...headers.keys()].filter((name) => !name.startsWith("bert.encoder"))).toEqual(
      expect.arrayContaining(["classifier.weight", "bert.pooler.dense.bias"]),
    );
    expect([...headers.keys()].some((name) => name.startsWith("cls."))).toBe(false);

    const judged = await json<EvaluateResult>(["eval", out, "--data", dev, "--all", ...QUICK]);
    expect(judged).toMatchObject({ texts: 50, ...trained.held_out });
    // sentences have 8 tokens or so: how much padding follows them changes nothing but rounding
    const shorter = ["eval", out, "--data", dev, "--all", "--batch", "8", "--seq", "12"];
    const again = await json<EvaluateResult>(shorter);
    expect(Math.abs(again.loss - judged.loss)).toBeLessThan(1e-6 * judged.loss + 1e-7);
    const said = await run(["eval", out, "--data", dev, "--all", ...QUICK]);
    expect(said.stdout).toMatch(/^accuracy +\d+\.\d\d % of 50$/m);
    expect(said.stdout).toMatch(/^matthews correlation +[01]\.\d{4}$/m);
    expect(said.stdout).toMatch(/^texts +50 of up to 16 tokens$/m);
    expect(said.stdout).not.toContain("perplexity");
  });

  it("grows a classifier, and another number of labels gives it another head", async () => {
    const folder = temporaryFolder();
    const { checkpoint } = await tinyModel(join(folder, "small"));
    const train = singles(join(folder, "train.tsv"), 60, 1);
    const [two, grown, three] = ["two", "grown", "three"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const learn = ["--data", train, ...QUICK, "--steps", "3"];
    const named = ["--class", "BertForSequenceClassification"];
    await json(["train", checkpoint, ...named, ...learn, "--out", two]);
    // as Hugging Face leaves out its default of two unnamed labels
    expect(configOf(two)).not.toHaveProperty("id2label");
    expect(configOf(two)).toMatchObject({ problem_type: "single_label_classification" });
    const result = await json<GrowResult>([
      "grow",
      two,
      "--to",
      TINY_TARGET,
      ...learn,
      "--out",
      grown,
    ]);
    expect(result.objective).toBe("text-classification");
    expect(result.losses.grown).toBeGreaterThan(0);

    const again = await run(["train", two, "--labels", "3", ...learn, "--out", three]);
    expect(again.stderr).toContain("Starts at random, as the checkpoint lacks it: classifier.\n");
    expect(again.stderr).toContain("Left out, as it has no use: classifier.\n");
    expect(configOf(three)["id2label"]).toEqual({ 0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2" });
    const headers = await headersOf(three);
    expect(headers.get("classifier.weight")?.shape).toEqual([3, 16]);
  });

  it("starts the body from the checkpoint and the head from the seed", async () => {
    const folder = temporaryFolder();
    const { checkpoint } = await tinyModel(join(folder, "small"));
    const train = singles(join(folder, "train.tsv"), 40, 1);
    const argv = ["train", checkpoint, "--class", "BertForSequenceClassification", "--data", train];
    // so slow that nothing moves by more than rounding
    const still = [...QUICK, "--steps", "1", "--lr", "1e-12", "--weight-decay", "0"];
    const weightsOf = async (name: string, seed: string): Promise<Map<string, Float32Array>> => {
      const out = join(folder, name);
      await json([...argv, ...still, "--seed", seed, "--out", out]);
      const opened = await openCheckpoint(out);
      const all = new Map<string, Float32Array>();
      for (const tensor of opened.headers.keys()) all.set(tensor, await opened.read(tensor));
      await opened.close();
      return all;
    };
    const [one, same, other] = [
      await weightsOf("one", "1"),
      await weightsOf("same", "1"),
      await weightsOf("other", "2"),
    ];
    const source = await openCheckpoint(checkpoint);
    for (const [name, values] of one) {
      if (source.headers.has(name)) expect(values, name).toBeAllClose(await source.read(name));
    }
    await source.close();
    expect(same.get("classifier.weight")).toBeAllClose(one.get("classifier.weight") ?? []);
    expect(other.get("classifier.weight")).not.toEqual(one.get("classifier.weight"));
    const head = one.get("bert.pooler.dense.weight") ?? new Float32Array(1);
    const deviation = Math.sqrt(head.reduce((sum, value) => sum + value ** 2, 0) / head.length);
    // initializer_range is 0.02; of 256 numbers the deviation is that to 5 % or so
    expect(deviation).toBeGreaterThan(0.017);
    expect(deviation).toBeLessThan(0.023);
    expect(one.get("classifier.bias")).toBeAllClose([0, 0]);
  });

  it("takes GPT-2, which is padded with its end-of-text token", async () => {
    const folder = temporaryFolder();
    const { text } = await tinyConfig(join(folder, "text"));
    const small = join(folder, "small");
    mkdirSync(small);
    for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
      copyFileSync(join(folder, "text", name), join(small, name));
    }
    // a tokenizer whose only other special token ends texts, as GPT-2's
    const special = { unk_token: "[UNK]", pad_token: "none", eos_token: "[SEP]" };
    writeFileSync(join(small, "tokenizer_config.json"), JSON.stringify(special));
    const sizes = { vocab_size: 100, n_positions: 16, n_embd: 16, n_layer: 1, n_head: 2 };
    const config = { model_type: "gpt2", architectures: ["GPT2LMHeadModel"], ...sizes };
    writeFileSync(join(small, "config.json"), JSON.stringify(config));
    const trained = join(folder, "lm");
    const from = join(small, "config.json");
    await json(["train", from, "--data", text, ...QUICK, "--steps", "2", "--out", trained]);
    const train = singles(join(folder, "train.tsv"), 200, 1);
    const out = join(folder, "out");
    const argv = ["train", trained, "--class", "GPT2ForSequenceClassification", "--data", train];
    const learn = [...QUICK, "--steps", "80", "--lr", "1e-2", "--dropout", "0", "--out", out];
    const { code, stderr, stdout } = await run([...argv, ...learn, "--json"]);
    expect(stderr).toContain("The tokenizer has no padding; texts are padded with its end-of-text");
    expect(stderr).toContain("Starts at random, as the checkpoint lacks it: score.");
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as TrainResult).held_out.accuracy).toBeGreaterThan(0.8);
    expect(typeof configOf(out)["pad_token_id"]).toBe("number");
  });

  it.each([
    [["--labels", "3"], "sdk/bad-labels", "3 labels are wanted, but the data have 2"],
    [["--labels", "1"], "sdk/bad-labels", "one label is a number to learn, but "],
    [["--text-column", "a,b,c"], "sdk/bad-columns", "name one column, or two with a comma"],
    [["--text-column", "nothing"], "data/missing-column", 'no column "nothing"'],
    [["--data-weights", "1"], "settings/invalid", "--data-weights has no effect: text-class"],
    [["--stride", "3"], "settings/invalid", "--stride has no effect: text-class"],
    [["--augment", "none"], "settings/invalid", "--augment has no effect: text-class"],
    [["--class", "BertModel", "--labels", "2"], "sdk/no-labels", "BertModel has no head of labels"],
    [["--class", "BertForSequence"], "sdk/unknown-class", "It knows BertForMaskedLM,"],
    [["--seq", "2"], "data/bad-option", "--seq is 2"],
  ])("refuses %j, says what is wrong and writes nothing", async (options, code, words) => {
    const folder = temporaryFolder();
    const { checkpoint } = await tinyModel(join(folder, "small"));
    const train = singles(join(folder, "train.tsv"), 20, 1, ["no", "yes"]);
    const out = join(folder, "out");
    const argv = ["train", checkpoint, "--data", train, "--out", out, "--steps", "1"];
    const named = ["--class", "BertForSequenceClassification"];
    const found = await run([...argv, ...named, ...options]);
    expect(found.code).toBe(2);
    expect(found.stderr).toContain(`error [${code}]`);
    expect(found.stderr).toContain(words);
    expect(existsSync(out)).toBe(false);
  });

  it("sees all that is learned from as often as --epochs says", async () => {
    const folder = temporaryFolder();
    const { checkpoint } = await tinyModel(join(folder, "small"));
    const train = singles(join(folder, "train.tsv"), 43, 1);
    const argv = ["train", checkpoint, "--class", "BertForSequenceClassification", "--data", train];
    const epochs = ["--epochs", "2", "--accumulate", "2", "--held-out", "3", ...QUICK];
    const out = join(folder, "out");
    // 40 texts, 8 an update
    expect(await json<TrainResult>([...argv, ...epochs, "--out", out])).toMatchObject({
      steps: 10,
    });
    const rates = metricsOf(out).flatMap(
      (line) => (line as { learning_rate?: number }).learning_rate ?? [],
    );
    // a tenth of the steps to rise in, and at the end of the last all is fallen
    expect(rates[0]).toBe(1e-4);
    expect(rates.at(-1)).toBeCloseTo(1e-4 / 9, 10);
    const both = await run([...argv, ...epochs, "--steps", "3", "--out", join(folder, "both")]);
    expect(both.stderr).toContain("--epochs and --steps exclude each other");
  });

  it("refuses labels that the model's head does not have", async () => {
    const folder = temporaryFolder();
    const { checkpoint } = await tinyModel(join(folder, "small"));
    const [train, other] = [
      singles(join(folder, "train.tsv"), 20, 1, ["no", "yes"]),
      singles(join(folder, "other.tsv"), 20, 1, ["no", "maybe"]),
    ];
    const out = join(folder, "out");
    const named = ["--class", "BertForSequenceClassification", "--steps", "1", ...QUICK];
    await json(["train", checkpoint, ...named, "--data", train, "--out", out]);
    const { code, stderr } = await run(["eval", out, "--data", other, ...QUICK]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /other\.tsv, line \d+: the label is "maybe"; expected 0 to 1, or no, yes\./,
    );
    const skipped = await run(["eval", out, "--data", other, "--all", "--skip-bad-rows", ...QUICK]);
    expect(skipped.stderr).toMatch(/Left out \d+ rows that cannot be used:/);
    expect(skipped.code).toBe(0);
  });
});

describe("text regression", () => {
  it("learns numbers of pairs, and goes on as if it had not been interrupted", async () => {
    const folder = temporaryFolder();
    const { checkpoint } = await tinyModel(join(folder, "small"));
    const train = pairs(join(folder, "train.tsv"), 300, 1);
    const argv = ["train", checkpoint, "--class", "BertForSequenceClassification", "--data", train];
    const learn = [...QUICK, "--steps", "10", "--lr", "3e-3", "--eval-every", "5", "--seq", "15"];
    const [whole, out] = [join(folder, "whole"), join(folder, "stopped")];
    const trained = await json<TrainResult>([...argv, ...learn, "--out", whole]);
    expect(trained).toMatchObject({ objective: "text-regression", tokens: 10 * 8 * 15 });
    expect(trained.held_out).not.toHaveProperty("accuracy");
    expect(Object.keys(trained.held_out.scores ?? {})).toEqual(["pearson", "spearmanr"]);
    expect(configOf(whole)).toMatchObject({
      id2label: { 0: "LABEL_0" },
      problem_type: "regression",
    });
    const lines = metricsOf(whole).filter((line) => "held_out_loss" in (line as object));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toHaveProperty("held_out_spearmanr");

    const first = await ligoUntil(4, [...argv, ...learn, "--out", out]);
    expect(first.code).toBe(130);
    const second = await json<TrainResult>(["train", "--resume", out]);
    expect(remainsOf(out)).toEqual(remainsOf(whole));
    expect(second.held_out).toEqual(trained.held_out);
    const judged = await json<EvaluateResult>(["eval", whole, "--data", train, ...QUICK]);
    expect(judged.scores?.["pearson"]).toBeGreaterThan(-1);
    const { stdout } = await run(["eval", whole, "--data", train, ...QUICK]);
    expect(stdout).not.toContain("accuracy");
    expect(stdout).toMatch(/^spearmanr +-?0\.\d{4}$/m);
  });
});

describe("data to judge by", () => {
  it("are all of another source, of text too, and belong to the run", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const dev = join(folder, "dev.txt");
    writeFileSync(
      dev,
      sentences(40, 9)
        .map((one) => `${one.text}\n`)
        .join(""),
    );
    const out = join(folder, "out");
    const argv = ["train", checkpoint, "--data", text, "--eval-data", dev, ...QUICK];
    const trained = await json<TrainResult>([...argv, "--steps", "2", "--out", out]);
    const judged = await json<EvaluateResult>(["eval", out, "--data", dev, "--all", ...QUICK]);
    expect(judged.loss).toBe(trained.held_out.loss);
    const [one, two] = [singles(join(folder, "1.tsv"), 9, 1), pairs(join(folder, "2.tsv"), 9, 1)];
    const mixed = [
      "train",
      checkpoint,
      "--class",
      "BertForSequenceClassification",
      "--labels",
      "1",
    ];
    const found = await run([...mixed, "--data", one, "--eval-data", two, "--out", `${out}2`]);
    expect(found.stderr).toContain("error [sdk/eval-data-mismatch]: --data holds single texts");
    const both = await run([...argv, "--held-out", "3", "--out", join(folder, "both")]);
    expect(both.code).toBe(2);
    expect(both.stderr).toContain("--held-out and --eval-data exclude each other");
  });
});
