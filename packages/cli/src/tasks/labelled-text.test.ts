import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { openCheckpoint } from "@ligo/checkpoint";
import { createRandom } from "@ligo/core";
import { gpt2 } from "@ligo/gpt2";
import { describe, expect, it } from "vitest";
import { ligo, temporaryFolder, type Ran } from "../__fixtures__/run-ligo.js";
import { tinyConfig, tinyModel } from "../__fixtures__/tiny-model.js";
import type { EvaluateResult } from "../training/evaluate-checkpoint.js";
import type { TrainResult } from "../training/train-checkpoint.js";

const run = (argv: readonly string[]): Promise<Ran> => ligo(argv, { architectures: [bert, gpt2] });

async function json<T>(argv: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await run([...argv, "--json"]);
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

const configOf = (folder: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as Record<string, unknown>;

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
  const rows = sentences(count, seed).map(({ text, verb }) => `${text}\t${names[Number(verb < 2)]}`);
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
    expect(stderr).toMatch(/Is left out, .*: cls\.predictions, cls\.predictions\.transform\.dense, /);
    expect(stderr).toContain("300 texts to train on by text-classification, 50 texts held out.");
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
    const { headers } = await openCheckpoint(out);
    expect([...headers.keys()].filter((name) => !name.startsWith("bert.encoder"))).toEqual(
      expect.arrayContaining(["classifier.weight", "bert.pooler.dense.bias"]),
    );
    expect([...headers.keys()].some((name) => name.startsWith("cls."))).toBe(false);

    const judged = await json<EvaluateResult>(["eval", out, "--data", dev, "--all", ...QUICK]);
    expect(judged).toMatchObject({ texts: 50, positions: 50, ...trained.held_out });
    const said = await run(["eval", out, "--data", dev, "--all", ...QUICK]);
    expect(said.stderr).toMatch(/^accuracy +\d+\.\d\d % of 50$/m);
    expect(said.stderr).toMatch(/^matthews correlation +0\.\d{4}$/m);
    expect(said.stderr).toMatch(/^texts +50 of up to 16 tokens$/m);
    expect(said.stderr).not.toContain("perplexity");
  });
});
