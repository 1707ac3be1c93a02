import type { Fault } from "@ligo/sdk/settings";
import type { Comparison } from "../comparison.js";
import type { PathOf } from "./section.js";

const fault = (
  code: Fault["code"],
  setting: string,
  message: string,
  more: Pick<Fault, "expected" | "actual"> = {},
): Fault => ({ code, setting, message, ...more });

/** Faults of choosing rates: what it lacks, what nothing reads without it, and seeds that would judge their own choice. */
export function tuningFaults(
  { methods, rates, seeds, training, tuningData, tuningSeeds }: Comparison,
  rowPath: (index: number) => PathOf,
): readonly Fault[] {
  if (rates === undefined) {
    return Object.entries({ tuningSeeds, tuningData })
      .filter(([, value]) => value !== undefined)
      .map(([name]) =>
        fault(
          "settings/unused",
          name,
          `\`${name}\` has no effect: no rate is chosen. Leave it out, or give \`rates\``,
        ),
      );
  }
  const own = methods.flatMap((row, index) =>
    row.training.learningRate === undefined ? [] : [rowPath(index)("training.learningRate")],
  );
  const paths = training.learningRate === undefined ? own : ["training.learningRate", ...own];
  const found = paths.map((path) =>
    fault(
      "settings/conflict",
      path,
      `\`${path}\` and \`rates\` exclude each other. Give one of them`,
    ),
  );
  if (tuningSeeds === undefined) {
    const says = "seeds that rates are chosen on, others than `seeds`";
    found.push(
      fault("settings/missing", "tuningSeeds", `\`tuningSeeds\` is missing: ${says}`, {
        expected: says,
      }),
    );
  }
  const twice = tuningSeeds?.find((seed) => seeds.includes(seed));
  if (twice !== undefined) {
    found.push(
      fault(
        "settings/conflict",
        "tuningSeeds",
        `\`tuningSeeds\` and \`seeds\` both hold ${twice}: a rate would be judged on the seed that it was chosen on`,
        { actual: String(twice), expected: "seeds that are not in `seeds`" },
      ),
    );
  }
  return found;
}
