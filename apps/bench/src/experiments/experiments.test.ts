import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { bert } from "@ligo/bert";
import { cait } from "@ligo/cait";
import { readDownstream } from "@ligo/compare";
import { checkConfig, createPlan, type Architecture, type Layout } from "@ligo/core";
import { publishedTrainingFlops, transformerSizes } from "@ligo/core/cost";
import { timePhases } from "@ligo/core/methods";
import { deit } from "@ligo/deit";
import { gpt2 } from "@ligo/gpt2";
import { roberta } from "@ligo/roberta";
import type { Config, Experiment } from "./experiment.js";
import { SCALES, type Scale } from "./scales.js";
import { EXPERIMENTS } from "./index.js";

const ARCHITECTURES: readonly Architecture[] = [bert, roberta, gpt2, deit, cait];

function layoutOf(config: Config): Layout {
  const architecture = ARCHITECTURES.find(({ modelTypes }) =>
    modelTypes.includes(String(config["model_type"])),
  );
  if (architecture === undefined) throw new Error("an architecture that is known");
  const [className = ""] = config["architectures"] as readonly string[];
  return architecture.layout(checkConfig(architecture, config), className);
}

const inputs = {
  data: ["data"],
  tokenizer: { folder: "tokenizer", vocabulary: 30_522, pad: 0 },
  classes: Array.from({ length: 1000 }, (_, index) => `class ${index}`),
};

function layoutsOf(experiment: Experiment, scale: Scale): { source: Layout; target: Layout } {
  const { source, to } = experiment.comparison(scale, inputs);
  if (typeof source === "string" || typeof to === "string") throw new Error("configs");
  return { source: layoutOf(source.config), target: layoutOf({ ...source.config, ...to }) };
}

const ALL = EXPERIMENTS.flatMap((experiment) =>
  SCALES.map((scale) => [`${experiment.name}, ${scale}`, experiment, scale] as const),
);

describe("the experiments", () => {
  it("have names, and stand in the README", () => {
    const names = EXPERIMENTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    for (const name of names) expect(readme).toContain(`\`${name}\``);
  });

  it.each(ALL)(
    "%s: the source grows to the target, heads keep their size",
    (_, experiment, scale) => {
      const { source, target } = layoutsOf(experiment, scale);
      expect(() => createPlan(source, target)).not.toThrow();
      expect(target.spaces["query"]?.factors?.at(-1)).toEqual(
        source.spaces["query"]?.factors?.at(-1),
      );
    },
  );

  it.each(ALL)("%s: growth factors are the paper's", (_, experiment, scale) => {
    const factors = (of: Scale): number[] => {
      const { source, target } = layoutsOf(experiment, of);
      const width = (layout: Layout): number => layout.spaces["embed"]?.size ?? 0;
      const depth = (layout: Layout): number =>
        Math.max(...Object.values(layout.stacks).map(({ layers }) => layers));
      return [width(target) / width(source), depth(target) / depth(source)];
    };
    expect(factors(scale)).toBeAllClose(factors("paper"), { absolute: 1e-9 });
  });

  it.each(ALL)("%s: phases have steps and layers", (_, experiment, scale) => {
    const { methods, source, to, training } = experiment.comparison(scale, inputs);
    for (const { phases } of methods) {
      if (phases === undefined || typeof source === "string" || typeof to === "string") continue;
      expect(() => timePhases(phases, training.steps ?? 0)).not.toThrow();
      for (const { config } of phases) {
        expect(() => layoutOf({ ...source.config, ...to, ...config })).not.toThrow();
      }
    }
  });

  it("at the paper's scale BERT takes what the paper's counter says", () => {
    const bertExperiment = EXPERIMENTS.find(({ name }) => name === "bert") as Experiment;
    const { training } = bertExperiment.comparison("paper", inputs);
    const { source, target } = layoutsOf(bertExperiment, "paper");
    const { batch = 0, sequence = 0, steps = 0 } = training;
    const flops = (layout: Layout, counted: number): number =>
      publishedTrainingFlops(transformerSizes(layout), { steps: counted, batch, sequence });
    // 400 thousand steps of BERT-Base, 220 thousand of BERT-Small, by the released counter
    expect(flops(target, steps) / 6.027e18).toBeCloseTo(1, 3);
    expect(flops(source, 220_000) / 1.095e18).toBeCloseTo(1, 3);
  });
});

describe("fine-tuning", () => {
  it("has the paper's tasks and settings ready", async () => {
    const file = fileURLToPath(new URL("../../downstream/bert.json", import.meta.url));
    const tasks = await readDownstream(file);
    const glue = tasks.filter(({ data }) => data[0]?.startsWith("GLUE/"));
    const squad = tasks.filter(({ data }) => data[0]?.startsWith("SQuAD/"));
    // the seven of the paper's table, and RTE
    expect(glue).toHaveLength(8);
    expect(squad).toHaveLength(2);
    for (const { epochs, training } of glue) {
      expect([epochs, training.learningRate, training.batch]).toEqual([3, 1e-4, 32]);
    }
    for (const { epochs, training } of squad) {
      expect([epochs, training.learningRate, training.batch]).toEqual([2, 5e-5, 12]);
    }
    const classes = new Set(tasks.map(({ className }) => className));
    for (const name of classes) expect(bert.architectures).toContain(name);
  });

  it("says all that is wrong with a list of tasks", async () => {
    const file = fileURLToPath(new URL("../../package.json", import.meta.url));
    await expect(readDownstream(file)).rejects.toThrow(
      /package\.json: The file must hold a list of tasks/,
    );
  });
});
