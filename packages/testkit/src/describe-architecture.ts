import type { Architecture } from "@ligo/core";
import { describe, expect, it } from "vitest";
import { checks } from "./checks.js";
import type { ArchitectureFixtures } from "./fixtures.js";
import { formatProblems } from "./problem.js";

/**
 * Registers one vitest test per check. A failure lists what is wrong and what to change; a check that does not apply is
 * reported as skipped, with the reason.
 */
export function describeArchitecture(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): void {
  describe(`the ${architecture.modelTypes[0]} architecture`, () => {
    for (const check of checks) {
      it(`${check.name}: ${check.title}`, async (context) => {
        const outcome = await check.run(architecture, fixtures);
        if ("notApplicable" in outcome) {
          context.skip(`does not apply: ${outcome.notApplicable}`);
        } else {
          const { problems } = outcome;
          expect(problems, `\n${formatProblems(problems)}\n`).toEqual([]);
        }
      });
    }
  });
}
