import { bert } from "@ligo/bert";
import { cait } from "@ligo/cait";
import type { Architecture, RawConfig } from "@ligo/core";
import { deit } from "@ligo/deit";
import { gpt2 } from "@ligo/gpt2";
import { vit } from "@ligo/vit";
import { describe, expect, it } from "vitest";
import { loadModel } from "../models/load-model.js";
import { describeModel, type ModelSpec } from "../models/model-spec.js";
import { checkTeacherOptions, chooseObjective } from "./choose-objective.js";
import { taskKindOf, taskKinds } from "./task-kinds.js";
import type { TaskOptions } from "./task-options.js";

const spec = (architecture: Architecture, className: string, keys: RawConfig = {}): ModelSpec =>
  describeModel(
    architecture,
    { model_type: architecture.modelTypes[0], architectures: [className], ...keys },
    "config.json",
  );
const chosen = async (model: ModelSpec, options: Partial<TaskOptions> = {}): Promise<string> =>
  (await chooseObjective(model, options)).name;

const bertLm = spec(bert, "BertForMaskedLM");
const classifier = spec(bert, "BertForSequenceClassification");
const taught = spec(deit, "DeiTForImageClassificationWithTeacher");

describe("kinds of tasks", () => {
  it.each([bert, cait, deit, gpt2, vit])("serve all objectives of $modelTypes", async (one) => {
    for (const className of one.architectures) {
      const { objectives } = await loadModel(spec(one, className));
      for (const [name, objective] of Object.entries(objectives)) {
        expect(taskKindOf(objective), `${className}: ${name}`).toBeDefined();
      }
    }
  });

  it("serve different objectives", () => {
    const served = taskKinds.flatMap(({ data, learns }) => learns.map((one) => `${data} ${one}`));
    expect(new Set(served).size).toBe(served.length);
  });
});

describe("chooseObjective", () => {
  it("takes the first objective of a class", async () => {
    expect(await chosen(bertLm)).toBe("masked-lm");
    expect(await chosen(taught)).toBe("image-classification");
    expect(await chosen(spec(gpt2, "GPT2LMHeadModel"))).toBe("causal-lm");
  });

  it("takes the first that learns from a teacher where there is one", async () => {
    expect(await chosen(bertLm, { teacher: "t" })).toBe("masked-lm");
    expect(await chosen(taught, { teacher: "t" })).toBe("hard-distillation");
    await expect(chooseObjective(classifier, { teacher: "t" })).rejects.toMatchObject({
      code: "sdk/no-taught-objective",
      actual: "text-classification",
    });
  });

  it("takes the one that is asked for, and names the nearest where there is none", async () => {
    expect(await chosen(taught, { objective: "soft-distillation" })).toBe("soft-distillation");
    await expect(chooseObjective(bertLm, { objective: "masked" })).rejects.toMatchObject({
      code: "sdk/unknown-objective",
      message: expect.stringContaining('"masked"; the nearest is "masked-lm"') as string,
    });
  });

  it("refuses a class without a head to learn with", async () => {
    const bare = spec(bert, "BertModel");
    await expect(chooseObjective(bare, {})).rejects.toMatchObject({ code: "sdk/no-objective" });
  });
});

describe("settings of a teacher", () => {
  const check = async (model: ModelSpec, options: Partial<TaskOptions>): Promise<void> => {
    const given = { ...options, teacher: "t" } as TaskOptions;
    checkTeacherOptions(await chooseObjective(model, given), given);
  };

  it("go with objectives that use them", async () => {
    const soft = { objective: "soft-distillation", temperature: 2 };
    await expect(check(bertLm, { teacherSteps: 4, temperature: 2 })).resolves.toBeUndefined();
    await expect(check(taught, soft)).resolves.toBeUndefined();
    await expect(check(taught, {})).resolves.toBeUndefined();
  });

  it("are refused where they change nothing", async () => {
    await expect(check(taught, { temperature: 2 })).rejects.toMatchObject({
      code: "sdk/teacher-options",
      expected: "none",
      actual: "`temperature`",
    });
    const soft = { objective: "soft-distillation", temperature: 2, teacherSteps: 3 };
    await expect(check(taught, soft)).rejects.toMatchObject({
      expected: "`temperature`",
      actual: "`teacherSteps`",
    });
  });

  it("are refused with a teacher that the objective does not learn from", async () => {
    const plain = { objective: "image-classification" };
    await expect(check(taught, plain)).rejects.toMatchObject({
      code: "sdk/no-taught-objective",
      message: expect.stringContaining("image-classification does not learn from") as string,
    });
  });

  it("are refused without a teacher", async () => {
    const { objective } = await chooseObjective(bertLm, {});
    expect(() =>
      checkTeacherOptions({ name: "masked-lm", objective }, { temperature: 3 } as TaskOptions),
    ).toThrow(expect.objectContaining({ code: "sdk/no-teacher" }));
  });
});
