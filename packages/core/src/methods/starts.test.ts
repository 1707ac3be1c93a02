import { describe, expect, it } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { drawnSources, growAll } from "../__fixtures__/drawn-sources.js";
import { MethodError } from "../errors/method-error.js";
import type { Operator, WidthScope } from "../operator/operator.js";
import { createPlan } from "../plan/create-plan.js";
import { createRandom } from "../random.js";
import { directCopy } from "./direct-copy.js";
import { lemonOperator } from "./lemon.js";
import { ligoDepth } from "./ligo-depth.js";
import { ligoWidth } from "./ligo-width.js";
import { ligoLossless } from "./ligo-lossless.js";
import { ligo, type LigoSettings } from "./ligo.js";
import { losslessFresh } from "./lossless-fresh.js";
import { methods } from "./methods.js";
import { losslessStarts, startingOperator, startMethod, type StartName } from "./starts.js";

const plan = createPlan(
  bertLayout({ layers: 2, hidden: 16, heads: 2, intermediate: 32, tied: true }),
  bertLayout({ layers: 3, hidden: 24, heads: 3, intermediate: 41, tied: true }),
);
const sources = drawnSources(plan);
const random = createRandom(3);
const scopes: readonly WidthScope[] = ["model", "target-layer", "source-layer"];

const startAt = (options: Partial<LigoSettings>): Operator =>
  ligo.operator(plan, { random, options });

describe("starts of learning", () => {
  it("are methods under their own names that do not learn, and have something to learn from", () => {
    const taken = methods.filter((method) => startMethod({ start: method.name }) === method);
    expect(taken.length).toBeGreaterThan(9);
    expect(new Set(taken.map(({ learns }) => learns))).toEqual(new Set([false]));
    const named = methods.filter(({ name }) => startMethod({ start: name }) !== undefined);
    expect(named).toEqual(taken);
    expect(named.map(({ name }) => name)).not.toContain("random");
    expect(losslessStarts.every((name) => startMethod({ start: name }))).toBe(true);
  });

  it("are there for what costs to plan, whatever the random numbers are", () => {
    const { fresh, tensors } = startingOperator(plan, { form: "model", start: "lossless-fresh" })!;
    expect(fresh!.places!.rule).toBe("lossless");
    expect(tensors).toEqual(startAt({ start: "lossless-fresh", form: "model" }).tensors);
    expect(startingOperator(plan, { form: "model" })).toBeUndefined();
  });

  it.each(scopes)("are what the method makes, with maps of the form %s", async (form) => {
    for (const name of [
      ...(["stack", "zero-block", "aki", "tile", "lossless-fresh"] as const),
      ...(["midas", "tleg", "bot", "szp", "sparkling"] as const),
    ]) {
      const made = startMethod({ start: name })!.operator(plan, { random });
      const operator = startAt({ start: name, form });
      expect([operator.widthScope, operator.normEpsilonScale], name).toEqual([
        form,
        made.normEpsilonScale,
      ]);
      const [own, plain] = [
        await growAll(plan, operator, sources),
        await growAll(plan, made, sources),
      ];
      for (const [tensor, data] of plain)
        // width before depth adds in another order
        expect(own.get(tensor), `${name} ${tensor}`).toBeAllClose(data, { absolute: 1e-5 });
    }
  });

  it("from lemon are ligo-lossless", () => {
    for (const form of scopes) {
      const lossless = ligoLossless.operator(plan, { random, options: { form } });
      expect(startAt({ start: "lemon", form })).toEqual(lossless);
    }
  });

  it("tell the places of what a direct copy starts afresh", async () => {
    const copy = directCopy.operator(plan, { random, initialDeviation: 0.1 });
    for (const method of [ligo, ligoWidth, ligoDepth]) {
      const options = { start: "direct-copy" as const, form: "model" as const };
      const operator = method.operator(plan, { random, initialDeviation: 0.1, options });
      expect(operator.fresh!.places!.rule).toBe("new");
      expect(await growAll(plan, operator, sources)).toEqual(await growAll(plan, copy, sources));
    }
    const options = { ownDeviation: true, readPower: 0.5 };
    const own = directCopy.operator(plan, { random, options });
    expect(own).toMatchObject({ readPower: 0.5, fresh: { deviation: 1, relative: true } });
    expect(startAt({ start: "direct-copy", form: "model", ...options })).toEqual(own);
  });

  it("add noise of their own, or the perturbation of learning", () => {
    const noisy = startAt({ start: "lossless-fresh", form: "model", noise: 0.01 });
    expect(noisy).toEqual(losslessFresh.operator(plan, { random, options: { noise: 0.01 } }));
    const perturbed = startAt({ start: "stack", perturbation: 0.02 });
    expect(perturbed.perturbation).toMatchObject({ deviation: 0.02 });
    expect(startAt({ start: "stack" }).perturbation).toBeUndefined();
    expect(lemonOperator(plan, random, { noise: 0.1 }).perturbation).toMatchObject({
      deviation: 0.1,
      relative: true,
    });
  });

  it.each<[Partial<LigoSettings>, string]>([
    [{ noise: 0.1 }, "`noise` is an option of `start` methods alone"],
    [{ start: "stack", noise: 0.1 }, '`noise` is no option of `start: "stack"`'],
    [{ start: "lemon", initialWidth: "sel" }, "`initialWidth` and `start"],
    [{ start: "lemon", initialDepth: "rand" }, "`initialDepth` and `start"],
    [{ start: "lemon", noise: 0.1, perturbation: 0.1 }, "`perturbation` and `noise`"],
    [{ start: "random" as StartName }, "`start`"],
  ])("refuse %j", (options, words) => {
    const made = (): unknown => startAt(options);
    expect(made).toThrow(MethodError);
    expect(made).toThrow(words);
  });
});
