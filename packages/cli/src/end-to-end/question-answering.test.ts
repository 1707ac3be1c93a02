import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "@ligo/core";
import { describe, expect, it } from "vitest";
import { ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import type { GrowResult, EvaluateResult, TrainResult } from "../__fixtures__/json-results.js";
import { ligoUntil, remainsOf } from "./__fixtures__/tiny-runs.js";

const NOUNS = ["cat", "dog", "bird", "fish", "horse"];
const VERBS = ["sees", "chases", "likes", "hears"];

/** Questions of a toy world in SQuAD's form: who it is, what it does, and one that nothing answers. */
function questions(path: string, count: number, seed: number, unanswerable = false): string {
  const random = createRandom(seed);
  const pick = (words: readonly string[]): string => words[random.integer(words.length)] ?? "";
  const paragraphs = Array.from({ length: count }, (_, number) => {
    const [noun, verb] = [pick(NOUNS), pick(VERBS)];
    const context = `the ${noun} ${verb} the ${pick(NOUNS)} .`;
    const answer = (text: string) => ({ text, answer_start: context.indexOf(text) });
    return {
      context,
      qas: [
        { id: `${number}-who`, question: "the", answers: [answer(noun)] },
        { id: `${number}-what`, question: "sees", answers: [answer(verb), answer(verb)] },
        ...(unanswerable
          ? [{ id: `${number}-none`, question: ".", is_impossible: true, answers: [] }]
          : []),
      ],
    };
  });
  writeFileSync(path, JSON.stringify({ version: "1.1", data: [{ title: "toys", paragraphs }] }));
  return path;
}

const QUICK = ["--batch", "8", "--seq", "16", "--engine", "onnx"];
const NAMED = ["--class", "BertForQuestionAnswering"];

describe("question answering", () => {
  it("learns to find answers, and says when there is none", async () => {
    const folder = temporaryFolder();
    const { checkpoint } = await tinyModel(join(folder, "small"));
    const [train, dev] = [
      questions(join(folder, "train.json"), 150, 1, true),
      questions(join(folder, "dev.json"), 20, 2, true),
    ];
    const out = join(folder, "out");
    const argv = ["train", checkpoint, ...NAMED, "--data", train, "--eval-data", dev, ...QUICK];
    const learn = ["--steps", "150", "--lr", "1e-2", "--dropout", "0", "--out", out, "--json"];
    const { code, stderr, stdout } = await ligo([...argv, ...learn]);
    expect(stderr).toContain("Starts at random, as the checkpoint lacks it: qa_outputs.");
    expect(stderr).toContain(
      "450 questions in 450 windows of 16 tokens to train on by question-answering",
    );
    expect(code).toBe(0);
    const trained = JSON.parse(stdout) as TrainResult;
    expect(trained.held_out.positions).toBe(60);
    // nothing says who it is but the place, and what it does but the question
    expect(trained.held_out.scores?.["exact_match"]).toBeGreaterThan(0.9);
    expect(Object.keys(trained.held_out.scores ?? {})).toEqual([
      "exact_match",
      "f1",
      "HasAns_f1",
      "NoAns_f1",
    ]);
    const config = JSON.parse(readFileSync(join(out, "config.json"), "utf8")) as object;
    expect(config).toMatchObject({ architectures: ["BertForQuestionAnswering"] });
    expect(config).not.toHaveProperty("id2label");

    const file = join(folder, "predictions.json");
    const judge = ["eval", out, "--data", dev, "--all", ...QUICK];
    const judged = await ligoJson<EvaluateResult>([...judge, "--predictions", file]);
    expect(judged).toMatchObject({ questions: 60, ...trained.held_out });
    const predictions = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
    expect(Object.keys(predictions)).toHaveLength(60);
    expect(NOUNS).toContain(predictions["0-who"]);
    const again = await ligo([...judge, "--predictions", file]);
    expect(again.stderr).toContain("error [sdk/predictions-exist]");
    const nowhere = await ligo([...judge, "--predictions", join(folder, "no", "file.json")]);
    expect(nowhere.stderr).toContain("error [output/write-failed]");
    expect(nowhere.stderr).toContain("Its folder does not exist");
    expect(nowhere.stderr).not.toContain("evaluate");
    const twice = join(folder, "twice.json");
    writeFileSync(twice, readFileSync(dev, "utf8").replaceAll(/"id": ?"1-/gu, '"id":"0-'));
    const all = ["eval", out, "--data", twice, "--all", ...QUICK];
    const lost = await ligo([...all, "--predictions", join(folder, "lost.json")]);
    expect(lost.stderr).toContain("error [sdk/repeated-id]");
    expect(lost.stderr).toContain('have the same id "0-');
    expect((await ligoJson<EvaluateResult>(all)).questions).toBe(60);
    const { stdout: said } = await ligo(judge);
    expect(said).toMatch(/^exact match +[01]\.\d{4}$/m);
    expect(said).toMatch(/^questions +60 in windows of 16 tokens$/m);
  });

  it("goes on as if it had not been interrupted, and grows", async () => {
    const folder = temporaryFolder();
    const { checkpoint } = await tinyModel(join(folder, "small"));
    const train = questions(join(folder, "train.json"), 40, 1);
    const argv = ["train", checkpoint, ...NAMED, "--data", train, ...QUICK, "--seq", "9"];
    const learn = ["--stride", "1", "--steps", "10", "--lr", "3e-3", "--eval-every", "5"];
    const [whole, out] = [join(folder, "whole"), join(folder, "stopped")];
    const trained = await ligoJson<TrainResult>([...argv, ...learn, "--out", whole]);
    // a twentieth of 80 questions, two windows each, as nine tokens do not hold all of a context
    expect(trained.held_out.positions).toBe(8);
    const first = await ligoUntil(4, [...argv, ...learn, "--out", out]);
    expect(first.code).toBe(130);
    const second = await ligoJson<TrainResult>(["train", "--resume", out]);
    expect(remainsOf(out)).toEqual(remainsOf(whole));
    expect(second.held_out).toEqual(trained.held_out);
    const grow = ["grow", whole, "--to", TINY_TARGET, "--data", train, ...QUICK, "--steps", "2"];
    const grown = await ligoJson<GrowResult>([...grow, "--out", join(folder, "grown")]);
    expect(grown.objective).toBe("question-answering");
    expect(grown.losses.grown).toBeGreaterThan(0);
  });

  it.each([
    [["--labels", "3"], "sdk/no-labels", "BertForQuestionAnswering has no head of labels"],
    [["--data-weights", "1"], "settings/invalid", "--data-weights has no effect: question-ans"],
    [["--label-column", "a"], "settings/invalid", "--label-column has no effect: question-ans"],
    [["--seq", "4"], "data/bad-option", "--seq is 4"],
  ])("refuses %j, says what is wrong and writes nothing", async (options, code, words) => {
    const folder = temporaryFolder();
    const { checkpoint } = await tinyModel(join(folder, "small"));
    const train = questions(join(folder, "train.json"), 4, 1);
    const out = join(folder, "out");
    const argv = ["train", checkpoint, ...NAMED, "--data", train, "--out", out, "--steps", "1"];
    const found = await ligo([...argv, ...options]);
    expect(found.stderr).toContain(`error [${code}]`);
    expect(found.stderr).toContain(words);
    expect(found.code).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  it("refuses to write predictions of other tasks", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const argv = ["eval", checkpoint, "--data", text, ...QUICK, "--predictions"];
    const { stderr } = await ligo([...argv, join(folder, "file.json")]);
    expect(stderr).toContain("--predictions has no effect: masked-lm does not read it.");
  });

  it("refuses a config with other than two labels", async () => {
    const folder = temporaryFolder();
    const { checkpoint } = await tinyModel(join(folder, "small"));
    const train = questions(join(folder, "train.json"), 4, 1);
    const out = join(folder, "out");
    const learn = ["--data", train, ...QUICK, "--steps", "1", "--out", out];
    await ligoJson(["train", checkpoint, ...NAMED, ...learn]);
    const file = join(out, "config.json");
    const config = JSON.parse(readFileSync(file, "utf8")) as object;
    writeFileSync(file, JSON.stringify({ ...config, num_labels: 1 }));
    const { code, stderr } = await ligo(["eval", out, "--data", train, ...QUICK]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/qa_outputs|two labels/);
  });
});
