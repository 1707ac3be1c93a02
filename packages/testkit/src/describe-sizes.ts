import {
  checkConfig,
  createPlan,
  PlanError,
  parameterCount,
  type Architecture,
  type Layout,
  type RawConfig,
} from "@ligo/core";
import { findSizes, type AskedSizes } from "@ligo/core/cost";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configIssues } from "./config-issues.js";

/** Published sizes, and what words make of them. */
export interface PublishedSizes {
  /** Keys of a published `config.json`. */
  readonly config: RawConfig;
  /** Keys that change where the target is to have about twice the parameters. */
  readonly twice: RawConfig;
  /** Keys that change where the target is to be twice as wide. */
  readonly wide: RawConfig;
}

/** Share that a number of parameters may be missed by. */
const TOLERANCE = 0.05;

/**
 * Tests the sizes that `2x`, `2x-wide` and a number of parameters stand for: configs that the architecture accepts and that the
 * source can be grown to, with heads of the same size and speeds.
 */
export function describeSizes(
  architecture: Architecture,
  published: Readonly<Record<string, PublishedSizes>>,
): void {
  describe.each(Object.entries(published))(
    "sizes from %s",
    (_name, { config: raw, twice, wide }) => {
      const [className = ""] = architecture.architectures;
      const config = checkConfig(architecture, raw);
      const source = architecture.layout(config, className);
      const own = parameterCount(source);
      const sizes = (asked: AskedSizes): RawConfig =>
        findSizes({ architecture, config, className }, asked);
      const target = (keys: RawConfig): Layout =>
        plannedTarget(architecture, { ...raw, ...keys }, source);

      it("twice the parameters grows width and depth in ratio", () => {
        const keys = sizes({ parameters: 2 * own });
        expect(keys).toEqual(twice);
        expect(Math.abs(parameterCount(target(keys)) / own / 2 - 1)).toBeLessThanOrEqual(TOLERANCE);
      });

      it("twice as wide doubles heads, stream and MLP", () => {
        expect(sizes({ wide: 2 })).toEqual(wide);
        target(wide);
      });

      it("any number of parameters is met or refused", () => {
        const factor = fc.double({ min: 1.01, max: 8, noNaN: true });
        const shape = fc.constantFrom<AskedSizes>(
          {},
          { deep: 1 },
          { deep: 2 },
          { wide: 1 },
          { wide: 2 },
        );
        fc.assert(
          fc.property(factor, shape, (times, asked) => {
            const parameters = Math.round(times * own);
            const keys = attempt(() => sizes({ ...asked, parameters }));
            if (keys instanceof PlanError) {
              expect(keys.code).toBe("plan/sizes");
              expect(keys.message).toContain("The nearest has ");
              return;
            }
            const found = parameterCount(target(keys));
            expect(Math.abs(found / parameters - 1)).toBeLessThanOrEqual(TOLERANCE);
          }),
          { numRuns: 12, seed: 1 },
        );
      });
    },
  );
}

/** The layout of a target that a source can be grown to, its heads looked at. */
function plannedTarget(architecture: Architecture, raw: RawConfig, source: Layout): Layout {
  expect(configIssues(architecture, raw)).toEqual([]);
  const target = architecture.layout(checkConfig(architecture, raw), source.className);
  expect(() => createPlan(source, target)).not.toThrow();
  for (const [name, { factors = [] }] of Object.entries(source.spaces)) {
    if (factors.length < 2) continue;
    // channels of a head, and the speeds they are turned by
    expect(target.spaces[name]?.factors?.at(-1)).toEqual(factors.at(-1));
  }
  return target;
}

function attempt<T>(work: () => T): T | PlanError {
  try {
    return work();
  } catch (error) {
    if (error instanceof PlanError) return error;
    throw error;
  }
}
