import { describe, expect, it } from "vitest";
import { inFlags } from "./in-flags.js";
import { settingWords } from "./setting-words.js";
import { shellWords } from "./shell-words.js";

describe("inFlags", () => {
  it.each([
    ["`learningRate` is 0", "--lr is 0"],
    ['grow with `method: "stack"`', "grow with --method stack"],
    ["take `steps: 0`", "take --steps 0"],
    ["leave out `checkpointActivations: true`", "leave out --checkpoint-activations"],
    ["give `evaluate: false` or `cache: false`", "give --no-eval or --no-cache"],
    ["name `checkpoint`", "name <checkpoint>"],
    ["`verify` measures it", "ligo verify measures it"],
    ["the config's `initializer_range`", "the config's `initializer_range`"],
    ["nothing of `constructor`", "nothing of `constructor`"],
  ])("%s", (text, words) => expect(inFlags(text, "grow")).toBe(words));

  it("gives the line that resumes a run", () => {
    expect(inFlags('Interrupted. Go on with `resume("a \\"run\\"")`.', "train")).toBe(
      "Interrupted. Go on with:\n  ligo train --resume 'a \"run\"'",
    );
    expect(inFlags('Go on with `resume("/runs/a")`. Or not.', "grow")).toBe(
      "Go on with:\n  ligo grow --resume /runs/a\n Or not.",
    );
  });
});

describe("settingWords", () => {
  it("spells settings as flags, without defaults", () => {
    const data = ["a.txt", "b c.txt"];
    const given = {
      data,
      batch: 8,
      sequence: 128,
      cache: false,
      skipBadRows: true,
      dtype: undefined,
    };
    expect(settingWords("train", given)).toEqual(
      "--data|a.txt|b c.txt|--batch|8|--no-cache|--skip-bad-rows".split("|"),
    );
  });
});

describe("shellWords", () => {
  it("quotes what a shell would take apart", () => {
    expect(shellWords(["ligo", "train", "a b", "it's", "x*", "--lr", "1e-3", "~/m"])).toBe(
      "ligo train 'a b' 'it'\\''s' 'x*' --lr 1e-3 '~/m'",
    );
  });
});
