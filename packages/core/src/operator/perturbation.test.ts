import { describe, expect, it } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { drawnSources, growAll } from "../__fixtures__/drawn-sources.js";
import { reader } from "../__fixtures__/tiny-layout.js";
import { createGrower } from "../stream/grower.js";
import { createPlan } from "../plan/create-plan.js";
import { ligoOperator } from "../methods/ligo.js";
import { decodeOperator, encodeOperator } from "./operator-file.js";
import type { Operator } from "./operator.js";
import type { Plan } from "../plan/plan.js";
import { createRandom } from "../random.js";

const small = bertLayout({ layers: 2, hidden: 16, heads: 2, intermediate: 32, tied: true });
const large = bertLayout({ layers: 3, hidden: 24, heads: 3, intermediate: 48, tied: true });
const plan = createPlan(small, large);
const weights = drawnSources(plan);

const grow = (operator: Operator, of: Plan = plan): Promise<Map<string, Float32Array>> =>
  growAll(of, operator, weights);

const DEVIATION = 0.05;
const plain = ligoOperator(plan, createRandom(1));
const perturbed = ligoOperator(plan, createRandom(1), { perturbation: DEVIATION });

describe("a perturbation", () => {
  it("is added to what new units hold, and to nothing else", async () => {
    const [without, with_] = [await grow(plain), await grow(perturbed)];
    const added: number[] = [];
    for (const { name, parameter, shape, sourceShape } of plan.tensors) {
      const [before, after] = [without.get(name)!, with_.get(name)!];
      const columns = shape.at(-1) ?? 1;
      for (const [index, value] of after.entries()) {
        const place = shape.length === 1 ? [index] : [Math.floor(index / columns), index % columns];
        const isNew = place.some((at, axis) => at >= sourceShape[axis]!);
        const difference = value - before[index]!;
        if (isNew && parameter.initial === "normal") added.push(difference);
        else expect(difference, `${name}[${place}]`).toBe(0);
      }
    }
    expect(plan.tensors.some(({ parameter }) => parameter.initial === "ones")).toBe(true);
    // thousands of draws: mean and deviation within about four standard errors
    const mean = added.reduce((sum, x) => sum + x, 0) / added.length;
    const deviation = Math.sqrt(added.reduce((sum, x) => sum + x * x, 0) / added.length);
    expect(added.length).toBeGreaterThan(5000);
    expect(Math.abs(mean)).toBeLessThan((4 * DEVIATION) / Math.sqrt(added.length));
    expect(Math.abs(deviation / DEVIATION - 1)).toBeLessThan(4 / Math.sqrt(2 * added.length));
  });

  it("leaves the operator itself as it is, and depends on nothing but its seed", async () => {
    expect([...perturbed.tensors]).toEqual([...plain.tensors]);
    const again = ligoOperator(plan, createRandom(1), { perturbation: DEVIATION });
    expect(await grow(again)).toEqual(await grow(perturbed));
    const other = ligoOperator(plan, createRandom(2), { perturbation: DEVIATION });
    expect(other.perturbation!.seed).not.toBe(perturbed.perturbation!.seed);
  });

  it("is kept in the file of an operator", async () => {
    const { metadata, tensors } = encodeOperator(perturbed);
    expect(metadata["format_version"]).toBe("2");
    const stored = new Map(
      [...tensors].map(([name, { rows, columns, data }]) => [
        name,
        { shape: [rows, columns], data },
      ]),
    );
    const decoded = decodeOperator(plan, metadata, stored);
    expect(decoded.perturbation).toEqual(perturbed.perturbation);
    expect(await grow(decoded)).toEqual(await grow(perturbed));
  });

  it("is drawn for whole tensors: they are not grown in parts", () => {
    const tensor = "bert.embeddings.word_embeddings.weight";
    const parts = (operator: Operator): number =>
      createGrower(plan, operator, reader(weights)).parts(tensor, 64).length;
    expect(parts(plain)).toBeGreaterThan(1);
    expect(parts(perturbed)).toBe(1);
  });

  it("is not there where no unit is new", () => {
    const deeper = bertLayout({ layers: 4, hidden: 16, heads: 2, intermediate: 32, tied: true });
    const operator = ligoOperator(createPlan(small, deeper), createRandom(1), {
      perturbation: DEVIATION,
    });
    expect(operator).not.toHaveProperty("perturbation");
    expect(plain).not.toHaveProperty("perturbation");
  });
});
