import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LigoError } from "@ligo/core";
import { SettingsError } from "@ligo/sdk";
import { describe, expect, it } from "vitest";
import { RECIPE, TARGET, type Recipe } from "../__fixtures__/tiny-recipe.js";
import type { TrainedSource } from "../comparison.js";
import { parseComparison, parseDownstream } from "./parse-comparison.js";
import { readComparison, readDownstream } from "./read-comparison.js";

/** Faults of a recipe, as its author reads them. */
function faultsOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    expect(error.code).toBe("settings/invalid");
    for (const { message } of error.faults) expect(error.message).toContain(`${message}.`);
    expect(error.message).not.toMatch(/--|nonoptional|[Ii]nvalid input|received/);
    return error.faults.map(({ message }) => message);
  }
  return [];
}
const wrong = (changes: Recipe): readonly string[] =>
  faultsOf(() => parseComparison({ ...RECIPE, ...changes }));

describe("parseComparison", () => {
  it("fills in what is left out, with references as the first rows", () => {
    const row = { growth: {}, training: {} };
    const sameSteps = { name: "source, same steps", method: "source", budget: "steps", ...row };
    const [scratch, source, stack, ligo] = ["scratch", "source", "stack", "ligo"].map((name) => ({
      name,
      method: name,
      ...row,
    }));
    expect(parseComparison(RECIPE)).toEqual({
      title: "Comparison",
      source: "small",
      to: TARGET,
      data: ["texts"],
      budget: "flops",
      references: ["scratch", "source"],
      seeds: [0],
      training: { batch: 8, steps: 6 },
      growth: {},
      methods: [scratch, source, sameSteps, stack, ligo],
    });
    const rowsOf = (changes: Recipe): readonly string[] =>
      parseComparison({ ...RECIPE, ...changes }).methods.map(({ name }) => name);
    expect(rowsOf({ references: ["source"] })).toEqual([
      "source",
      "source, same steps",
      "stack",
      "ligo",
    ]);
    expect(rowsOf({ budget: "steps" })).toEqual(["scratch", "source", "stack", "ligo"]);
    expect(rowsOf({ references: ["scratch"], methods: ["ligo", "source"] })).toEqual([
      "scratch",
      "ligo",
      "source",
    ]);
  });

  it("reads both spellings of a key, and what it made itself", () => {
    const older = parseComparison({
      ...RECIPE,
      held_out: 4,
      references: ["scratch"],
      data_weights: [1],
      training: { steps: 6, learning_rate: 0.1, evaluateEvery: 2, clip_norm: 2 },
      growth: { initial_depth: "rand", perturbation: 0 },
      methods: [
        "ligo",
        {
          name: "gradual",
          method: "scratch",
          phases: [
            { config: { num_hidden_layers: 1 }, share: 0.5 },
            { share: 0.5, method: "stack", frozen: { layers: 1, outside_stacks: ["^a"] } },
          ],
        },
      ],
      downstream: [{ name: "rte", class: "C", data: "d", eval_data: "e", label_column: "l" }],
    });
    const newer = parseComparison({
      ...RECIPE,
      heldOut: 4,
      references: ["scratch"],
      dataWeights: [1],
      training: { clipNorm: 2, evaluateEvery: 2, learningRate: 0.1, steps: 6 },
      growth: { perturbation: 0, initialDepth: "rand" },
      methods: [
        { name: "scratch", method: "scratch" },
        "ligo",
        {
          name: "gradual",
          method: "scratch",
          phases: [
            { config: { num_hidden_layers: 1 }, share: 0.5 },
            { share: 0.5, method: "stack", frozen: { layers: 1, outsideStacks: ["^a"] } },
          ],
        },
      ],
      downstream: [{ name: "rte", className: "C", data: ["d"], evalData: ["e"], labelColumn: "l" }],
    });
    // to the byte: cells are named by a hash
    expect(JSON.stringify(newer)).toBe(JSON.stringify(older));
    expect(parseComparison(older)).toEqual(older);
    expect(older.training.learningRate).toBe(0.1);
  });

  it("tells all faults at once, each with its path and as it is spelled", () => {
    expect(
      wrong({
        seed: 3,
        source: { config: {}, training: { batch: 0.5 } },
        training: { steps: 6, lr: 1, learning_rate: "fast", dropout: 1 },
        growth: { initial_depth: "nonsense", beta1: 1 },
        methods: ["stak", { method: "ligo", growth: { rnak: 1 } }],
        downstream: [{ name: "a b", data: "d", training: { epochs: 3 } }],
      }),
    ).toEqual([
      "`seed` is not a setting of a comparison; the nearest is `seeds`",
      expect.stringMatching(
        /^`methods.0` is "stak"; it must be one of scratch, source, auto, ligo, .*; the nearest is stack$/,
      ),
      "`methods.1.growth.rnak` is not a setting of growth; the nearest is `methods.1.growth.rank`",
      '`downstream.0.name` is "a b"; it must be letters, digits, dots and dashes',
      expect.stringMatching(/^`downstream.0.training.epochs` is not a setting of training/),
      "`source.training.batch` is 0.5; it must be a whole number from 1",
      "`source.training.steps` is missing: Updates",
      expect.stringMatching(/^`training.lr` is not a setting of training/),
      '`training.learning_rate` is "fast"; it must be a number above 0',
      "`training.dropout` is 1; it must be a number from 0 to below 1, or config",
      "`growth.beta1` is 1; it must be a number from 0 to below 1",
      expect.stringMatching(/^`growth.initial_depth` is "nonsense"; it must be one of stackbert, /),
    ]);
    expect(faultsOf(() => parseComparison({}))).toHaveLength(5);
    expect(faultsOf(() => parseComparison([]))[0]).toBe("The recipe must be an object");
  });

  it.each<[Recipe, RegExp | string]>([
    [{ training: {} }, "`training.steps` is missing: Updates"],
    [{ training: { steps: 0 } }, "`training.steps` is 0; a training takes at least 1"],
    [{ methods: [] }, /^`methods` is \[\]; it must be a list of methods/],
    [{ methods: ["stack", { method: "stack" }] }, /two rows called "stack".*another `name`$/],
    [{ engine: "abacus" }, /^`engine` is "abacus"; it must be auto, onnx/],
    [{ heldOut: 1.5 }, /^`heldOut` is 1.5; it must be a share/],
    [
      { held_out: 4, heldOut: 4 },
      "`held_out` and `heldOut` are the same setting. Give one of them",
    ],
    [
      { methods: [{ method: "scratch", phases: [{ share: 1, method: "stack" }] }] },
      /^`methods.0.phases.0.method` has no effect: nothing is grown in a first phase/,
    ],
    [
      { references: [] },
      /^`references` is \[\]; it must be a list of scratch, source; at least one/,
    ],
    [{ references: ["source", "source"] }, /^`references` is .*each once$/],
    [{ references: ["stack"] }, /^`references.*"stack"/],
    [{ rates: [0.1] }, /^`rates` is \[0.1\]; it must be a list of two or three different numbers/],
    [{ rates: [0.1, 0.1], tuningSeeds: [1] }, /^`rates` is \[0.1,0.1\]; it must be a list of two/],
    [
      { rates: [0.1, 0.2] },
      "`tuningSeeds` is missing: seeds that rates are chosen on, others than `seeds`",
    ],
    [
      { rates: [0.1, 0.2], tuningSeeds: [1, 0] },
      /^`tuningSeeds` and `seeds` both hold 0: a rate would/,
    ],
    [{ tuningSeeds: [1] }, /^`tuningSeeds` has no effect: no rate is chosen/],
    [{ tuningData: "b" }, /^`tuningData` has no effect: no rate is chosen/],
    [
      { rates: [0.1, 0.2], tuningSeeds: [1], training: { steps: 6, learningRate: 1 } },
      "`training.learningRate` and `rates` exclude each other. Give one of them",
    ],
    [
      {
        rates: [0.1, 0.2],
        tuningSeeds: [1],
        methods: [{ method: "stack", training: { learningRate: 1 } }],
      },
      "`methods.0.training.learningRate` and `rates` exclude each other. Give one of them",
    ],
    [
      { methods: [{ method: "source", phases: [{ share: 1 }] }] },
      "`methods.0.phases` has no effect: the source has one size. Leave it out",
    ],
    [
      { methods: [{ method: "source", growth: { steps: 2 } }] },
      /^`methods.0.growth.steps` has no effect: nothing is grown in this row/,
    ],
    [
      { evaluation: [{ name: "a b", data: "c" }] },
      /^`evaluation.0.name` is "a b"; it must be letters/,
    ],
    [
      {
        evaluation: [
          { name: "a", data: "c" },
          { name: "a", data: "d" },
        ],
      },
      /^`evaluation` has two data called "a"/,
    ],
    [
      { methods: [{ name: "g", method: "scratch", phases: [{ share: 2, frozen: { layer: 1 } }] }] },
      "`methods.0.phases.0.share` is 2; it must be a number above 0 to 1",
    ],
  ])("refuses %j", (changes, says) => {
    expect(wrong(changes)[0]).toEqual(
      typeof says === "string" ? says : expect.stringMatching(says),
    );
  });

  it("holds settings of a run against each other, each fault once", () => {
    expect(
      wrong({
        training: { steps: 6, batch: 8, accumulate: 3, power: 2 },
        growth: { steps: 2, batch: 9, temperature: undefined, schedule: "cosine", power: 3 },
        methods: [
          "stack",
          "ligo",
          "mango",
          { name: "taught", method: "stack", training: { teacherSteps: 2 } },
        ],
        downstream: [{ name: "rte", data: "d", epochs: 3, training: { steps: 3, batch: 6 } }],
      }),
    ).toEqual([
      "`batch: 8` cannot be taken in 3 parts of the same size; it must be divisible by `training.accumulate`",
      expect.stringMatching(/^`training.power` has no effect: the schedule is linear/),
      expect.stringMatching(/^`growth.power` has no effect: the schedule is cosine/),
      expect.stringMatching(/^`methods.3.training.teacherSteps` needs `teacher`/),
      "`downstream.0.epochs` and `steps` exclude each other. Give one of them",
    ]);
  });

  it("refuses settings of a row that its methods do not read, and lets methods share those of all", () => {
    const growth = { steps: 2, warmup: 1, rank: 2, perturbation: 0 };
    expect(wrong({ growth, methods: ["stack", "ligo", "mango"] })).toEqual([]);
    expect(
      wrong({
        methods: [
          { method: "stack", growth: { steps: 2 } },
          { method: "ligo", growth: { rank: 2, steps: 5 } },
          { name: "start", method: "ligo", growth: { steps: 0, perturbation: 0, warmup: 3 } },
          { name: "none", method: "scratch", growth: { ties: "untie" } },
        ],
      }),
    ).toEqual([
      "`methods.0.growth.steps` has no effect: stack does not read it here. Leave it out",
      "`methods.1.growth.rank` has no effect: ligo does not read it here. Leave it out",
      "`methods.3.growth.ties` has no effect: nothing is grown in this row. Leave it out",
    ]);
  });
});

describe("readComparison", () => {
  it("reads JSON and YAML, paths from the file's folder where they exist there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ligo-recipe-"));
    mkdirSync(join(folder, "texts"));
    const [json, yaml] = [join(folder, "recipe.json"), join(folder, "recipe.yaml")];
    writeFileSync(json, JSON.stringify(RECIPE));
    writeFileSync(
      yaml,
      `source: small # a folder
to: ${JSON.stringify(TARGET)}
data: [texts]
training: { steps: 6, batch: 8 }
methods:
  - stack
  - method: ligo
`,
    );
    const comparison = await readComparison(json);
    expect(comparison.data).toEqual([join(folder, "texts")]);
    expect(comparison.source).toBe("small");
    expect(await readComparison(yaml)).toEqual(comparison);
  });

  it("reads the path of a teacher in the same way, wherever a training stands", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ligo-recipe-"));
    mkdirSync(join(folder, "taught"));
    const file = join(folder, "recipe.json");
    const training = { steps: 6, teacher: "taught" };
    const recipe = {
      ...RECIPE,
      references: ["scratch"],
      source: { config: {}, training },
      training,
      methods: [
        { name: "own", method: "stack", training: { teacher: "taught" } },
        { name: "source", method: "stack", training: { teacher: "$source" } },
        { name: "hub", method: "stack", training: { teacher: "someone/model" } },
      ],
      downstream: [{ name: "rte", data: "d", training: { steps: 1, teacher: "taught" } }],
    };
    writeFileSync(file, JSON.stringify(recipe));
    const { downstream = [], methods, source, ...read } = await readComparison(file);
    const placed = join(folder, "taught");
    expect(read.training.teacher).toBe(placed);
    expect((source as TrainedSource).training.teacher).toBe(placed);
    expect(methods.map((row) => row.training.teacher)).toEqual([
      undefined,
      placed,
      "$source",
      "someone/model",
    ]);
    expect(downstream[0]?.training.teacher).toBe(placed);
  });

  it("names the file in an error", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ligo-recipe-"));
    const file = join(folder, "recipe.json");
    await expect(readComparison(file)).rejects.toMatchObject({ code: "sdk/recipe-missing", file });
    writeFileSync(file, JSON.stringify({ ...RECIPE, training: { steps: 1, beta1: 1 } }));
    const error: unknown = await readComparison(file).catch((thrown: unknown) => thrown);
    expect(LigoError.isInstance(error) && [error.file, error.message]).toEqual([
      file,
      `${file}: \`training.beta1\` is 1; it must be a number from 0 to below 1.`,
    ]);
  });
});

describe("parseDownstream", () => {
  it("reads a list of tasks and tells all that is wrong with one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ligo-tasks-"));
    writeFileSync(join(folder, "train.tsv"), "");
    const file = join(folder, "tasks.json");
    const task = { name: "rte", class: "C", data: "train.tsv", training: { learning_rate: 1 } };
    writeFileSync(file, JSON.stringify([task]));
    expect(await readDownstream(file)).toEqual([
      {
        name: "rte",
        className: "C",
        data: [join(folder, "train.tsv")],
        training: { learningRate: 1 },
      },
    ]);
    expect(faultsOf(() => parseDownstream({}))).toEqual([
      "The file must hold a list of tasks, at least one",
    ]);
    expect(faultsOf(() => parseDownstream([task, { ...task, labels: 0 }, 3]))).toEqual([
      "`downstream.1.labels` is 0; it must be a whole number from 1",
      "`downstream.2` must be an object",
      expect.stringMatching(/^`downstream.2.name` is missing: /),
      expect.stringMatching(/^`downstream.2.data` is missing: /),
      '`downstream` has two tasks called "rte"; give one of them another `name`',
    ]);
  });
});

describe("a recipe file", () => {
  it("names an installed package as code at most; the caller may name a path", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ligo-named-code-"));
    const file = join(folder, "recipe.json");
    const write = (architecture: string): void =>
      writeFileSync(file, JSON.stringify({ ...RECIPE, architecture }));
    write("@ligo/bert");
    await expect(readComparison(file)).resolves.toMatchObject({ architecture: "@ligo/bert" });
    for (const path of ["./mine.mjs", join(folder, "mine.mjs"), "data:text/javascript,1"]) {
      write(path);
      await expect(readComparison(file)).rejects.toMatchObject({
        code: "sdk/file-names-code",
        file,
      });
      const given = { architecture: path };
      await expect(readComparison(file, given)).resolves.toMatchObject(given);
    }
  });
});
