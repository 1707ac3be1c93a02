import { LigoError } from "@ligo/core";
import { startOptions } from "@ligo/core/methods";
import { describe, expect, it } from "vitest";
import { check } from "./check.js";
import { commandSettings } from "./commands.js";
import { compareSettings } from "./compare.js";
import { describeSettings } from "./describe.js";
import { evaluateSettings } from "./evaluate.js";
import { growSettings } from "./grow.js";
import { GROUPS } from "./kinds.js";
import { methodFacts } from "./method.js";
import { resumeSettings } from "./resume.js";
import { SettingsError } from "./settings-error.js";
import { trainSettings } from "./train.js";
import type { TrainSettings } from "./types.generated.js";
import { verifySettings } from "./verify.js";

const to = { num_hidden_layers: 4 };
const data = ["texts"];

/** Faults of settings, as a caller reads them. */
function faultsOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    expect(LigoError.isInstance(error)).toBe(true);
    expect(error.code).toBe("settings/invalid");
    for (const { message } of error.faults) expect(error.message).toContain(message);
    expect(error.message).not.toMatch(/--|nonoptional|[Ii]nvalid input|received/);
    return error.faults.map(({ message }) => message);
  }
  return [];
}
const grown = (given: object): readonly string[] =>
  faultsOf(() => check(growSettings, { to, ...given }));
const trained = (given: object): readonly string[] =>
  faultsOf(() => check(trainSettings, { data, ...given }));

describe("settings that nothing would read", () => {
  const verified = (given: object): readonly string[] =>
    faultsOf(() => check(verifySettings, given));
  const judged = (given: object): readonly string[] =>
    faultsOf(() => check(evaluateSettings, { data, ...given }));

  it.each(["objective", "tokenizer", "textColumn", "labelColumn"])(
    "%s of a verification needs data",
    (name) => {
      expect(verified({ [name]: "x" })).toEqual([
        `\`${name}\` needs \`data\`. Give it too, or leave \`${name}\` out`,
      ]);
      expect(verified({ [name]: "x", data })).toEqual([]);
    },
  );

  it("a part that is held out is none of an evaluation of all", () => {
    expect(judged({ all: true, heldOut: 5 })).toEqual([
      "`all` and `heldOut` exclude each other. Give one of them",
    ]);
    expect(judged({ all: true })).toEqual([]);
    expect(judged({ all: false, heldOut: 5 })).toEqual([]);
  });
});

describe("check", () => {
  it("fills in defaults and says what was given", () => {
    const { given, settings } = check(growSettings, {
      to,
      data: "texts",
      batch: 4,
      seed: undefined,
    });
    expect([...given].toSorted()).toEqual(["batch", "data", "to"]);
    expect(settings).toMatchObject({
      to,
      data: ["texts"],
      batch: 4,
      seed: 0,
      method: "auto",
      learningRate: 0.03,
      warmup: 10,
      dropout: 0,
    });
    expect(settings).toHaveProperty("perturbation", undefined);
    expect(Object.isFrozen(settings)).toBe(true);
    expect(check(trainSettings, { data }).settings).toMatchObject({
      steps: 1000,
      learningRate: 1e-4,
      dropout: "config",
    });
  });

  it("tells all faults at once", () => {
    expect(grown({ data, method: "mango", learingRate: 1, rank: 1.5, beta1: 1 })).toEqual([
      "`learingRate` is not a setting of grow; the nearest is `learningRate`",
      "`rank` is 1.5; it must be a whole number from 1 to 99",
      "`beta1` is 1; it must be a number from 0 to below 1",
    ]);
    expect(() => check(growSettings, { to, rank: 0, perturbation: -5 })).toThrow(
      /^3 settings of grow are wrong\.\n- `perturbation` is -5; .*\n- `rank` is 0; .*\n- The method ligo learns/,
    );
  });

  it.each<[object, RegExp]>([
    [
      { method: "nope" },
      /^`method` is "nope"; it must be one of auto, ligo, .*stack.*; the nearest is /,
    ],
    [{ method: "lignt" }, /the nearest is ligo$/],
    [{ data, initialDepth: "nonsense" }, /^`initialDepth` is "nonsense"; it must be one of stackb/],
    [{ data, dropout: 1 }, /^`dropout` is 1; it must be a number from 0 to below 1, or config$/],
    [{ data, heldOut: 1.5 }, /^`heldOut` is 1\.5; it must be a share above 0 and below 1, or a/],
    [{ data, learningRate: Number.NaN }, /^`learningRate` is NaN; it must be a number above 0$/],
    [{ data, steps: "10" }, /^`steps` is "10"; it must be a whole number from 0$/],
    [{ data, engine: "cuda" }, /^`engine` is "cuda"; it must be auto, onnx, onnx:<provider>/],
    [{ data: [] }, /^`data` is \[\]; it must be text, or a list, each text$/],
    [{ data, cache: true }, /^`cache` is true; it must be a folder, or false$/],
    [{ data, checkpointActivations: "yes" }, /it must be true or false$/],
    [{ to: 3, data }, /^`to` is 3; it must be a config\.json, a folder, a hub id, or the keys/],
  ])("refuses %j", (given, words) => {
    const faults = grown(given);
    expect(faults).toEqual([expect.stringMatching(words)]);
  });

  it("names what is missing", () => {
    expect(faultsOf(() => check(trainSettings, {} as TrainSettings))).toEqual([
      expect.stringMatching(/^`data` is missing: Files, folders/),
    ]);
    expect(faultsOf(() => check(growSettings, null as never))).toEqual([
      "The settings of grow are null; they must be an object",
    ]);
  });

  it("takes every engine there is", () => {
    for (const engine of ["auto", "onnx", "onnx:cuda", "tensorflow:cpu", "reference"] as const)
      expect(check(evaluateSettings, { data, engine }).settings.engine).toBe(engine);
  });

  it("takes parts of a comparison", () => {
    expect(check(compareSettings, { shard: "2/4" }).settings.shard).toEqual({ index: 2, count: 4 });
    for (const shard of ["0/4", "5/4", "2", "a/b"])
      expect(faultsOf(() => check(compareSettings, { shard }))).toHaveLength(1);
  });
});

describe("settings that depend on each other", () => {
  it("a method that learns has data", () => {
    const needed = [expect.stringContaining("The method ligo learns its operator")];
    expect(grown({ method: "ligo" })).toEqual(needed);
    // without a method, what only learning reads asks for it
    expect(grown({ steps: 20 })).toEqual(needed);
    expect(grown({})).toEqual([]);
    for (const given of [{ data }, { steps: 0 }, { operator: "o" }, { method: "stack" }])
      expect(grown(given)).toEqual([]);
  });

  it.each<[object, string]>([
    [{ data, rank: 2 }, "`rank` has no effect: the method auto does not take it"],
    [{ data, form: "model", rank: 2 }, "`rank` has no effect: the method ligo does not take it"],
    [{ data, method: "ligo", budget: "1M" }, "`budget` has no effect: the method is given"],
    [{ budget: "1M" }, "`budget` has no effect: there are no data to choose by"],
    [{ operator: "o", trainingRate: 1 }, "`trainingRate` has no effect: `operator`"],
    [{ method: "stack", perturbation: 0 }, "the method stack does not take it"],
    [
      { method: "lemon", deviation: 1 },
      '`method: "direct-copy"`, `method: "szp"`, `method: "random"`',
    ],
    [{ operator: "o", rank: 2 }, "`operator` is applied as it is"],
    [{ operator: "o", method: "stack" }, "`method` has no effect: `operator` is applied as it is"],
    [{ method: "stack", learningRate: 1 }, "the method stack learns nothing"],
    [{ method: "stack", data, steps: 5 }, "the method stack learns nothing"],
    [{ method: "stack", saveEvery: 5 }, "the method stack learns nothing"],
    [{ steps: 0, warmup: 5 }, "nothing is learned in 0 steps without data"],
    [{ method: "stack", batch: 4 }, "`batch` has no effect: there are no data"],
    [{ data, heldOut: 0.1, evalData: "other" }, "`heldOut` and `evalData` exclude each other"],
    [{ data, batch: 4, accumulate: 3 }, "cannot be taken in 3 parts"],
    [{ data, power: 2 }, '`schedule: "polynomial"`'],
    [{ data, decaySteps: 0.1 }, '`schedule: "wsd"`'],
    [{ data, schedule: "cosine", decayShape: "linear" }, '`schedule: "wsd"`'],
    [{ data, noise: 0.1 }, "`noise` has no effect: it is an option of a `start`"],
    [{ data, start: "stack", noise: 0.1 }, "the start stack does not take it"],
    [
      { method: "ligo-lossless", data, start: "lemon" },
      "the method ligo-lossless does not take it",
    ],
    [
      { data, start: "lemon", initialWidth: "sel" },
      "`initialWidth` has no effect: the start lemon makes",
    ],
    [
      { data, start: "lemon", initialDepth: "rand" },
      "`initialDepth` has no effect: the start lemon makes",
    ],
    [{ data, start: "lemon", noise: 0.1, perturbation: 0.1 }, "`noise` and `perturbation` exclude"],
    [{ data, method: "ligo", trainingRate: 1e-3 }, "`trainingRate` has no effect: the method is"],
    [{ data, startDecay: 0.1, optimizer: "lamb" }, "`startDecay` and `optimizer` exclude"],
  ])("refuses %j in a growth", (given, words) => {
    expect(grown(given)).toEqual([expect.stringContaining(words)]);
  });

  it.each<[object]>([
    [{ method: "stack", data, batch: 4, sequence: 8, heldOut: 3, seed: 1 }],
    [{ method: "random", deviation: 0.1 }],
    [{ data, steps: 0 }],
    [{ data, schedule: "polynomial", power: 2 }],
    [{ data, schedule: "wsd", decaySteps: 0.1, decayShape: "linear" }],
    [{ data, schedule: "wsd", decaySteps: 12 }],
    [{ data, method: "ligo", innerSteps: 1, trainingRate: 1e-3 }],
    [{ method: { name: "mine", learns: false, operator: () => undefined } }],
  ])("accepts %j in a growth", (given) => {
    expect(grown(given)).toEqual([]);
  });

  it("every option is taken by the methods that list it", () => {
    for (const { asksData, learns, name, options } of methodFacts)
      for (const option of options) {
        const usual = check(growSettings, { to, data }).settings[option as "rank"];
        const value =
          { start: "lemon", ownDeviation: true, newUnits: "fresh", blockLayers: 2 }[option] ??
          usual ??
          0.5;
        // options of what learning starts from
        const taker =
          { noise: "lemon", shrink: "szp", newUnits: "sparkling", blockLayers: "midas" }[option] ??
          "direct-copy";
        const isOfStart = learns && Object.hasOwn(startOptions, option);
        const more = {
          ...(learns || asksData ? { data } : {}),
          ...(isOfStart ? { start: taker } : {}),
        };
        expect(grown({ method: name, [option]: value, ...more })).toEqual([]);
      }
  });

  it("the learning rate is far lower from starts that change nothing yet, where it is not given", () => {
    const rateOf = (given: object): number =>
      check(growSettings, { to, data, ...given }).settings.learningRate;
    expect([{}, { start: "direct-copy" }, { start: "stack" }].map(rateOf)).toEqual([
      0.03, 0.03, 0.03,
    ]);
    const lossless = [
      { start: "lossless-fresh" },
      { start: "lemon" },
      { start: "zero-block", method: "ligo-depth" },
      { method: "ligo-lossless" },
    ];
    expect(lossless.map(rateOf)).toEqual([1e-4, 1e-4, 1e-4, 1e-4]);
    expect(rateOf({ start: "lemon", learningRate: 0.03 })).toBe(0.03);
  });

  it("a method of one's own has its options bound", () => {
    const method = { name: "mine", learns: true, operator: () => undefined };
    expect(grown({ method, rank: 2, data })).toEqual([expect.stringContaining("method mine")]);
    expect(grown({ method })).toEqual([expect.stringContaining("The method mine learns")]);
    expect(grown({ method: { name: "mine" } })).toEqual([
      expect.stringContaining("one of auto, ligo"),
    ]);
  });

  it.each<[object, string]>([
    [{ steps: 0 }, "`steps` is 0; a training takes at least 1"],
    [{ steps: 5, epochs: 1 }, "`epochs` and `steps` exclude each other"],
    [{ targetLoss: 1 }, "`targetLoss` needs `evaluateEvery`"],
    [{ temperature: 1 }, "`temperature` needs `teacher`"],
    [{ teacherSteps: 1 }, "`teacherSteps` needs `teacher`"],
  ])("refuses %j in a training", (given, words) => {
    expect(trained(given)).toEqual([expect.stringContaining(words)]);
  });

  it("a run that goes on is told anything but its folder", () => {
    expect(check(resumeSettings, { saveEvery: 3, rank: 2, steps: 4 }).settings).toMatchObject({
      saveEvery: 3,
      batch: undefined,
    });
    expect(faultsOf(() => check(resumeSettings, { out: "x" } as object))).toHaveLength(1);
  });
});

describe("settings", () => {
  const all = commandSettings.flatMap((command) =>
    describeSettings(command).map(
      (setting) => [`${command.command} ${setting.name}`, setting] as const,
    ),
  );

  it.each(all)("%s is described", (_name, { group, otherwise, says, ...setting }) => {
    expect(says).toMatch(/^\S.*[.]$/);
    expect(GROUPS).toContain(group);
    // one of a default and words for it, where there is one
    expect(otherwise === undefined || setting.default === undefined).toBe(true);
  });

  it("stand for one thing by one name", () => {
    const texts = new Map<string, string>();
    for (const [, { name, ...facts }] of all) {
      const { default: _default, required: _required, ...rest } = facts;
      const text = JSON.stringify(rest);
      expect(texts.get(name) ?? text).toBe(text);
      texts.set(name, text);
    }
  });
});
