import { createPlan, createRandom, elementCount, type Architecture, type Layout } from "@ligo/core";
import { expandLayout, isOwned, resolveTensors, writtenTensors } from "@ligo/core/layout";
import { ligoOperator, stackOperator } from "@ligo/core/methods";
import { initialWeights } from "@ligo/train";
import fc from "fast-check";
import type { ArchitectureFixtures, SizeDraw } from "../fixtures.js";
import { growWeights, layOut, ownedNames } from "../models.js";
import { shapeText } from "../numbers.js";
import { attempt, errorText, type Outcome } from "../problem.js";

const RUNS = 30;

/** A whole number from a range for the next size; the second model's are at least the first one's. */
type Draw = (min: number, max: number) => number;

/** The draws of a small model, and those of a larger one with the same fixed sizes. */
function pairOfDraws(draw: Draw): { readonly small: SizeDraw; readonly large: SizeDraw } {
  const grown: number[] = [];
  const kept: number[] = [];
  const small: SizeDraw = {
    growing(min, max) {
      const size = draw(min, max);
      grown.push(size);
      return size;
    },
    fixed(min, max) {
      const size = draw(min, max);
      kept.push(size);
      return size;
    },
  };
  let [atGrown, atKept] = [0, 0];
  const large: SizeDraw = {
    growing(min, max) {
      const size = grown[atGrown++] ?? min;
      return draw(size, Math.max(size, max));
    },
    fixed: (min) => kept[atKept++] ?? min,
  };
  return { small, large };
}

/**
 * Random sizes: for any two configs, one at least as large as the other, the layouts are consistent, what is written is
 * read again, the plan covers every target tensor, and both operators make tensors of the right shapes.
 */
export async function checkRandomSizes(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const advice =
    "Derive every size from the config, and head sizes from width and heads; draw only sizes that `config` accepts in " +
    "`sizes` of the fixtures.";
  const problems = await attempt("Random sizes", advice, async () => {
    const property = fc.asyncProperty(fc.gen(), fc.boolean(), async (draw, tied) => {
      const next: Draw = (min, max) => draw(fc.integer, { min, max });
      const className =
        architecture.architectures[next(0, architecture.architectures.length - 1)] ?? "";
      const { small, large } = pairOfDraws(next);
      const lay = (sizes: SizeDraw): Layout =>
        layOut(
          architecture,
          {
            model_type: architecture.modelTypes[0],
            tie_word_embeddings: tied,
            ...fixtures.sizes(sizes),
          },
          className,
        ).layout;
      const [source, target] = [lay(small), lay(large)];
      checkLayout(source);
      checkLayout(target);
      await checkGrowth(source, target);
    });
    const result = await fc.check(property, { numRuns: RUNS, seed: 1 });
    if (!result.failed) return [];
    return [
      {
        message: `With random sizes, after ${result.numRuns} of ${RUNS} runs: ${errorText(result.errorInstance)}`,
        advice,
      },
    ];
  });
  return { problems };
}

/** Throws where a layout is not consistent in itself. */
function checkLayout(layout: Layout): void {
  const names = expandLayout(layout).map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new RangeError(`${layout.className} lists "${twice}" twice.`);
  for (const [name, { size, factors = [] }] of Object.entries(layout.spaces)) {
    if (!Number.isInteger(size) || size < 1) {
      throw new RangeError(`The space "${name}" of ${layout.className} has the size ${size}.`);
    }
    const odd = factors.find((factor) => !Number.isInteger(factor.size) || factor.size < 1);
    const product = factors.reduce((total, factor) => total * factor.size, 1);
    if (odd !== undefined || (factors.length > 0 && product !== size)) {
      const text = factors.map((factor) => `${factor.name} ${factor.size}`).join(" x ");
      throw new RangeError(`The space "${name}" has ${size} channels, which is not ${text}.`);
    }
  }
  const written = new Map(writtenTensors(layout).map(({ name, shape }) => [name, { shape }]));
  const { tensors } = resolveTensors(layout, written);
  const lost = ownedNames(layout).find((name) => !tensors.has(name));
  if (lost !== undefined) throw new RangeError(`"${lost}" is written but not read again.`);
}

async function checkGrowth(source: Layout, target: Layout): Promise<void> {
  const plan = createPlan(source, target);
  const shapes = new Map(
    expandLayout(target)
      .filter(({ parameter }) => isOwned(parameter))
      .map(({ name, shape }) => [name, shape]),
  );
  const weights = initialWeights(source, { seed: 1, deviation: 1 });
  for (const operator of [stackOperator(plan), ligoOperator(plan, createRandom(1))]) {
    const grown = await growWeights(plan, operator, weights);
    for (const [name, shape] of shapes) {
      const size = elementCount(shape);
      const actual = grown.get(name)?.length;
      if (actual === size) continue;
      throw new RangeError(`"${name}" ${shapeText(shape)} is grown to ${actual ?? "no"} numbers.`);
    }
    if (grown.size !== shapes.size)
      throw new RangeError("The plan grows tensors the target lacks.");
  }
}
